#include "models.h"

#include <glib.h>
#include <string.h>

/* Models and networks by the paths of their files, kept as long as the process: a check of one takes longer than small
 * pictures do. */
static GHashTable* models_by_path = NULL;
static GHashTable* networks_by_path = NULL;
static GMutex models_mutex;

static gpointer read_model(const guint8* data, gsize size, VeneerProblem* error) {
  return veneer_model_create(NULL, data, size, error);
}

static gpointer read_network(const guint8* data, gsize size, VeneerProblem* error) {
  return veneer_network_create(NULL, data, size, error);
}

/* What `read` makes of a file, NULL where it is not there or cannot be read; the mutex is held. */
static gpointer cached(GHashTable** known, const gchar* path, gpointer (*read)(const guint8*, gsize, VeneerProblem*)) {
  if (*known == NULL) *known = g_hash_table_new(g_str_hash, g_str_equal);
  gpointer object = g_hash_table_lookup(*known, path);
  gchar* data;
  gsize size;
  if (object != NULL || !g_file_get_contents(path, &data, &size, NULL)) return object;
  VeneerProblem error;
  object = read((const guint8*)data, size, &error);
  if (object == NULL) g_warning("%s: %s", path, error.code ? error.message : "not enough memory");
  if (object != NULL) g_hash_table_insert(*known, g_strdup(path), object);
  g_free(data);
  return object;
}

/* Adds the model files of a folder whose names end with a number, NAME-7.vnm. Whether their bytes are those that the
 * file names is for the decoder to see. */
static void add_models_of_folder(VeneerDecoder* decoder, const gchar* folder, int id) {
  GDir* listing = g_dir_open(folder, 0, NULL);
  if (listing == NULL) return;
  gchar ending[32];
  g_snprintf(ending, sizeof ending, "-%d.vnm", id);
  for (const gchar* name; (name = g_dir_read_name(listing)) != NULL;) {
    if (!g_str_has_suffix(name, ending)) continue;
    gchar* path = g_build_filename(folder, name, NULL);
    const VeneerModel* model = cached(&models_by_path, path, read_model);
    if (model != NULL) veneer_decoder_add_model(decoder, model);
    g_free(path);
  }
  g_dir_close(listing);
}

/* Adds the models that a file names, of all folders. */
static void add_models(VeneerDecoder* decoder, const VeneerInfo* info, gchar** folders) {
  for (int i = 0; i < info->model_count; ++i) {
    for (gchar** folder = folders; *folder != NULL; ++folder) {
      add_models_of_folder(decoder, *folder, info->models[i].id);
    }
    add_models_of_folder(decoder, VENEER_MODELS_FOLDER, info->models[i].id);
  }
}

/* Whether a weight file is in a folder, and both decoders have it now. */
static gboolean add_network_of_folder(VeneerDecoder* scout, VeneerDecoder* decoder, const gchar* folder,
                                      const gchar* name) {
  gchar* path = g_build_filename(folder, name, NULL);
  const VeneerNetwork* network = cached(&networks_by_path, path, read_network);
  g_free(path);
  return network != NULL && veneer_decoder_add_network(scout, network) == VENEER_OK &&
         veneer_decoder_add_network(decoder, network) == VENEER_OK;
}

/* Adds the networks that the picture needs to a decoder. A scout that has the start of the file says which: the decoder
 * itself could say so only when it has been fed, and may be finished then. */
static void add_needed(VeneerDecoder* scout, VeneerDecoder* decoder, gchar** folders) {
  VeneerWeightFile file;
  int left_out = 0;
  for (;;) {
    const int count = veneer_decoder_needed_count(scout);
    if (veneer_decoder_needed(scout, left_out, &file) != VENEER_OK) return;
    gboolean is_added = FALSE;
    for (gchar** folder = folders; *folder != NULL && !is_added; ++folder) {
      is_added = add_network_of_folder(scout, decoder, *folder, file.file_name);
    }
    if (!is_added) add_network_of_folder(scout, decoder, VENEER_MODELS_FOLDER, file.file_name);
    if (veneer_decoder_needed_count(scout) == count) ++left_out;
  }
}

void veneer_add_models(VeneerDecoder* decoder, const VeneerInfo* info, const uint8_t* start, size_t size) {
  if (info->model_count == 0) return;
  VeneerDecoder* scout = veneer_decoder_create(NULL, NULL);
  if (scout == NULL) return; /* no memory: the base layer is shown */
  const gchar* listed = g_getenv("VENEER_MODELS");
  gchar** folders = g_strsplit(listed != NULL ? listed : "", G_SEARCHPATH_SEPARATOR_S, -1);
  g_mutex_lock(&models_mutex);
  add_models(decoder, info, folders);
  add_models(scout, info, folders);
  if (veneer_decoder_set_file(scout, start, size) == VENEER_OK) add_needed(scout, decoder, folders);
  g_mutex_unlock(&models_mutex);
  g_strfreev(folders);
  veneer_decoder_destroy(scout);
}
