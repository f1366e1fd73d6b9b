/* vnrdec: decodes a .vnr file to PGM, PPM or PAM, or to bare samples. It uses the C interface of libveneer alone.
 *
 *     vnrdec [OPTIONS] IN.vnr OUT
 *
 * OUT ends with .pgm or .ppm (grey, RGB), .pam (any), .raw (rows of samples and nothing else), or .jpg (the JPEG that a
 * file keeps, byte for byte). Half floats go to .raw alone. --model names a model file; the weight files of its networks
 * are beside it, and are read where the picture needs them.
 * Exit code: 0 decoded; 1 not, or with --strict not undamaged; 2 wrong usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "veneer/decode.h"

static const char kUsage[] =
    "usage: vnrdec [--layers full|base|preview] [--realism 0..1] [--region X,Y,W,H] [--threads N] [--strict]\n"
    "              [--model FILE.vnm]... IN.vnr OUT.pgm|.ppm|.pam|.raw|.jpg\n";

static int usage(void) {
  fputs(kUsage, stderr);
  return 2;
}

static int fails(const char* name, const char* message) {
  fprintf(stderr, "vnrdec: %s: %s\n", name, message);
  return 1;
}

/* All bytes of a file, to be freed; NULL where it cannot be read. */
static uint8_t* read_file(const char* name, size_t* size) {
  FILE* file = fopen(name, "rb");
  uint8_t* data = NULL;
  size_t room = 0;
  *size = 0;
  if (file == NULL) return NULL;
  for (;;) {
    if (*size == room) {
      room = room ? 2 * room : 1 << 16;
      uint8_t* larger = realloc(data, room);
      if (larger == NULL) break;
      data = larger;
    }
    const size_t count = fread(data + *size, 1, room - *size, file);
    *size += count;
    if (count == 0) break;
  }
  const int is_whole = feof(file) && !ferror(file);
  fclose(file);
  if (is_whole) return data;
  free(data);
  return NULL;
}

/* Paths of the model files, beside which weight files are. */
enum { kMostModels = 64 };
static const char* model_paths[kMostModels];
static int model_count = 0;

static int add_model(VeneerDecoder* decoder, const char* name) {
  size_t size;
  if (model_count == kMostModels) return fails(name, "is a model too many");
  uint8_t* data = read_file(name, &size);
  if (data == NULL) return fails(name, "cannot be read");
  VeneerProblem error;
  VeneerModel* model = veneer_model_create(NULL, data, size, &error);
  free(data);
  if (model == NULL) return fails(name, error.code ? error.message : "no memory");
  const VeneerStatus status = veneer_decoder_add_model(decoder, model);
  veneer_model_release(model); /* the decoder has it */
  if (status != VENEER_OK) return fails(name, "cannot be used");
  model_paths[model_count++] = name;
  return 0;
}

/* A weight file that is beside a model file: its path, to be freed; NULL where there is no memory. */
static char* path_beside(const char* model, const char* file) {
  const char* end = strrchr(model, '/');
  const size_t folder = end != NULL ? (size_t)(end - model) + 1 : 0;
  char* path = malloc(folder + strlen(file) + 1);
  if (path == NULL) return NULL;
  memcpy(path, model, folder);
  strcpy(path + folder, file);
  return path;
}

/* Whether a weight file was there and the decoder has taken it; says what is wrong with one that is there. */
static int add_network(VeneerDecoder* decoder, const char* path) {
  size_t size;
  VeneerProblem error;
  uint8_t* data = path != NULL ? read_file(path, &size) : NULL;
  if (data == NULL) return 0;
  VeneerNetwork* network = veneer_network_create(NULL, data, size, &error);
  free(data);
  if (network == NULL) fails(path, error.code ? error.message : "no memory");
  const int is_taken = network != NULL && veneer_decoder_add_network(decoder, network) == VENEER_OK;
  veneer_network_release(network);
  return is_taken;
}

/* Gives the decoder the weight files that the picture needs. Of those that are not there it tells when it decodes. */
static void add_needed(VeneerDecoder* decoder) {
  VeneerWeightFile file;
  int left_out = 0;
  for (;;) {
    const int count = veneer_decoder_needed_count(decoder);
    if (veneer_decoder_needed(decoder, left_out, &file) != VENEER_OK) return;
    for (int i = 0; i < model_count; ++i) {
      char* path = path_beside(model_paths[i], file.file_name);
      const int is_taken = add_network(decoder, path);
      free(path);
      if (is_taken) break;
    }
    left_out += veneer_decoder_needed_count(decoder) == count; /* else the file is not needed any more */
  }
}

/* The settings of one option; 0 if it is right. */
static int set_option(VeneerDecoder* decoder, const char* name, const char* value) {
  VeneerRect region;
  char rest;
  if (!strcmp(name, "--layers")) {
    const char* names[] = {"full", "base", "preview"};
    for (int i = 0; i < 3; ++i) {
      if (!strcmp(value, names[i])) return veneer_decoder_set_layers(decoder, (VeneerLayers)i);
    }
    return 2;
  }
  if (!strcmp(name, "--realism")) {
    double share;
    if (sscanf(value, "%lf%c", &share, &rest) != 1 || !(share >= 0 && share <= 1)) return 2;
    return veneer_decoder_set_realism(decoder, (int)(share * 64 + 0.5));
  }
  if (!strcmp(name, "--region")) {
    const int found = sscanf(value, "%d,%d,%d,%d%c", &region.x, &region.y, &region.width, &region.height, &rest);
    return found == 4 ? (int)veneer_decoder_set_region(decoder, region) : 2;
  }
  if (!strcmp(name, "--threads")) return veneer_decoder_set_threads(decoder, atoi(value));
  if (!strcmp(name, "--model")) return add_model(decoder, value);
  return 2;
}

static int ends_with(const char* name, const char* end) {
  const size_t size = strlen(name), length = strlen(end);
  return size >= length && !strcmp(name + size - length, end);
}

/* Header of the format that OUT names; 0 if it can hold the picture. */
static int write_header(FILE* file, const char* name, const VeneerImage* picture) {
  const int most = (1 << picture->bit_depth) - 1;
  static const char* const kTypes[] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"};
  const int channels = picture->channels;
  if (ends_with(name, ".raw")) return 0;
  if (picture->sample_format == VENEER_HALF_FLOATS) {
    return fails(name, "the picture has half floats, which this format cannot hold: write a .raw");
  }
  if (ends_with(name, ".pam")) {
    fprintf(file, "P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n", picture->width,
            picture->height, channels, most, kTypes[channels - 1]);
    return 0;
  }
  if (channels == 2 || channels == 4) return fails(name, "the picture has alpha: write a .pam");
  fprintf(file, "P%d\n%d %d\n%d\n", channels == 1 ? 5 : 6, picture->width, picture->height, most);
  return 0;
}

/* One row of `count` samples; those of two bytes with the upper one first, as these formats have them, in raw files with
 * the lower one first. */
static int write_row(FILE* file, const uint8_t* row, size_t count, int bytes_per_sample, int is_raw) {
  if (bytes_per_sample == 1) return fwrite(row, 1, count, file) == count;
  const uint16_t* samples = (const uint16_t*)(const void*)row;
  for (size_t i = 0; i < count; ++i) {
    const int high = samples[i] >> 8, low = samples[i] & 255;
    if (fputc(is_raw ? low : high, file) == EOF || fputc(is_raw ? high : low, file) == EOF) return 0;
  }
  return 1;
}

static int write_picture(const char* name, const VeneerImage* picture) {
  FILE* file = fopen(name, "wb");
  if (file == NULL) return fails(name, "cannot be written");
  int is_wrong = write_header(file, name, picture);
  const size_t row = (size_t)picture->width * (size_t)picture->channels;
  for (int y = 0; y < picture->height && !is_wrong; ++y) {
    const uint8_t* samples = picture->pixels + y * picture->stride;
    if (!write_row(file, samples, row, picture->bytes_per_sample, ends_with(name, ".raw"))) {
      is_wrong = fails(name, "cannot be written");
    }
  }
  if (fclose(file) != 0 && !is_wrong) is_wrong = fails(name, "cannot be written");
  return is_wrong;
}

static int write_piece(void* file, const uint8_t* data, size_t size) { return fwrite(data, 1, size, file) == size; }

static int write_jpeg(VeneerDecoder* decoder, const char* in, const char* name) {
  VeneerProblem problem;
  FILE* file = fopen(name, "wb");
  if (file == NULL) return fails(name, "cannot be written");
  const VeneerStatus status = veneer_decoder_jpeg(decoder, write_piece, file);
  if (fclose(file) != 0) return fails(name, "cannot be written");
  if (status == VENEER_OK) return 0;
  return fails(in, veneer_decoder_error(decoder, &problem) == VENEER_OK ? problem.message : "no memory");
}

/* `data` takes the bytes of the file, which must stay as long as the decoder. */
static int decode(VeneerDecoder* decoder, const char* in, const char* out, uint8_t** data) {
  size_t size;
  VeneerProblem problem;
  VeneerImage picture;
  *data = read_file(in, &size);
  if (*data == NULL) return fails(in, "cannot be read");
  int result = 1;
  const VeneerStatus taken = veneer_decoder_set_file(decoder, *data, size);
  add_needed(decoder);
  const VeneerStatus finished = taken == VENEER_OK ? veneer_decoder_finish(decoder) : taken;
  if (ends_with(out, ".jpg")) {
    result = write_jpeg(decoder, in, out); /* which may be had where pixels are not */
  } else if (finished != VENEER_OK) {
    fails(in, veneer_decoder_error(decoder, &problem) == VENEER_OK ? problem.message : "no memory");
  } else {
    for (int i = 0; veneer_decoder_problem(decoder, i, &problem) == VENEER_OK; ++i) fails(in, problem.message);
    if (veneer_decoder_picture(decoder, &picture) == VENEER_OK) result = write_picture(out, &picture);
  }
  return result;
}

int main(int count, char** words) {
  VeneerDecoder* decoder = veneer_decoder_create(NULL, NULL);
  uint8_t* data = NULL;
  int at = 1, result = 0;
  if (decoder == NULL) return fails("start", "no memory");
  while (at < count && !strncmp(words[at], "--", 2) && result == 0) {
    if (!strcmp(words[at], "--strict")) {
      veneer_decoder_set_strict(decoder, 1);
      at += 1;
      continue;
    }
    if (at + 1 >= count) break;
    result = set_option(decoder, words[at], words[at + 1]);
    if (result > 1) result = usage();
    at += 2;
  }
  if (result == 0) result = count - at == 2 ? decode(decoder, words[at], words[at + 1], &data) : usage();
  veneer_decoder_destroy(decoder);
  free(data);
  return result;
}
