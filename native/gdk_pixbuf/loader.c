/* A loader of .vnr files for gdk-pixbuf, over the C interface of libveneer: pictures appear while they arrive, damaged
 * files give what there is, and where a program wants a small picture no more than that is decoded. */
#define GDK_PIXBUF_ENABLE_BACKEND
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

#include "metadata.h"
#include "models.h"
#include "pixels.h"
#include "veneer/decode.h"

enum {
  kHeadPiece = 32,  /* bytes that are looked at together until the headers are there */
  kMostThreads = 8, /* more are hardly faster */
  kNoPixels = 606,  /* NO_PIXELS of docs/format.md, "Errors" */
  kUnsupported = 6, /* the hundreds of its codes, likewise */
};

typedef struct Loading {
  GdkPixbufModuleSizeFunc size_func;
  GdkPixbufModulePreparedFunc prepared_func;
  GdkPixbufModuleUpdatedFunc updated_func;
  gpointer user_data;

  VeneerDecoder* scout;   /* reads the headers; NULL once they are there */
  gsize scouted;          /* bytes that it has */
  GByteArray* start;      /* of the file, up to then; then NULL */
  VeneerDecoder* decoder; /* from then on */
  gboolean is_unwanted;   /* the program wanted to know the size alone */
  VeneerConversion conversion;
  GdkPixbuf* pixbuf; /* NULL until there is something to show */
} Loading;

static gboolean no_memory(GError** error) {
  g_set_error_literal(error, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_INSUFFICIENT_MEMORY,
                      "Not enough memory for the Veneer picture");
  return FALSE;
}

/* Says why a function of the library failed. */
static gboolean fails(VeneerDecoder* decoder, VeneerStatus status, GError** error) {
  VeneerProblem problem;
  if (status == VENEER_NO_MEMORY || veneer_decoder_error(decoder, &problem) != VENEER_OK) return no_memory(error);
  const gboolean is_newer = problem.code / 100 == kUnsupported;
  g_set_error(error, GDK_PIXBUF_ERROR, is_newer ? GDK_PIXBUF_ERROR_UNKNOWN_TYPE : GDK_PIXBUF_ERROR_CORRUPT_IMAGE,
              "The Veneer picture cannot be shown: %s", problem.message);
  return FALSE;
}

/* What to decode for a program that wants a picture of some size: no enhancement at half of the sides or less, where it
 * is not seen, and the preview where that is large enough. */
static VeneerLayers layers_for(const VeneerInfo* info, int width, int height) {
  if (width >= info->width || height >= info->height) return VENEER_FULL;
  if (width <= info->preview_width && height <= info->preview_height) return VENEER_PREVIEW;
  return 2 * width <= info->width && 2 * height <= info->height ? VENEER_BASE : VENEER_FULL;
}

/* Makes the decoder, once the size is known and the program has said what it wants. */
static gboolean begin_decoding(Loading* loading, const VeneerInfo* info, GError** error) {
  int width = info->width, height = info->height;
  if (loading->size_func != NULL) loading->size_func(&width, &height, loading->user_data);
  if (width == 0 || height == 0) {
    loading->is_unwanted = TRUE;
    return TRUE;
  }
  loading->decoder = veneer_decoder_create(NULL, NULL);
  if (loading->decoder == NULL) return no_memory(error);
  veneer_decoder_set_threads(loading->decoder, (int)CLAMP(g_get_num_processors(), 1, kMostThreads));
  const VeneerLayers layers = layers_for(info, width, height);
  veneer_decoder_set_layers(loading->decoder, layers);
  if (layers == VENEER_FULL) {
    veneer_add_models(loading->decoder, info, loading->start->data, loading->start->len);
  }
  return TRUE;
}

/* Makes the pixbuf, of the size of the picture that there is, and shows it to the program. */
static gboolean prepare(Loading* loading, const VeneerImage* picture, GError** error) {
  VeneerInfo info;
  if (veneer_decoder_info(loading->decoder, &info) != VENEER_OK) return no_memory(error);
  const gboolean has_alpha = picture->channels % 2 == 0;
  loading->pixbuf = gdk_pixbuf_new(GDK_COLORSPACE_RGB, has_alpha, 8, picture->width, picture->height);
  if (loading->pixbuf == NULL) return no_memory(error);
  veneer_conversion_init(&loading->conversion, picture, &info);
  veneer_set_options(loading->decoder, loading->pixbuf);
  if (loading->prepared_func != NULL) loading->prepared_func(loading->pixbuf, NULL, loading->user_data);
  return TRUE;
}

static VeneerRect united(VeneerRect a, VeneerRect b) {
  if (a.width == 0 || a.height == 0) return b;
  if (b.width == 0 || b.height == 0) return a;
  const int right = MAX(a.x + a.width, b.x + b.width), bottom = MAX(a.y + a.height, b.y + b.height);
  const int x = MIN(a.x, b.x), y = MIN(a.y, b.y);
  return (VeneerRect){x, y, right - x, bottom - y};
}

/* Shows what has changed. Pictures without preview are shown when they are whole: until then, what is missing of them
 * would have to be made up. */
static gboolean show_changes(Loading* loading, GError** error) {
  VeneerRect changed = {0, 0, 0, 0};
  gboolean is_final = FALSE;
  VeneerEvent event;
  while (veneer_decoder_next_event(loading->decoder, &event) == VENEER_OK && event.kind != VENEER_EVENT_NONE) {
    changed = united(changed, event.region);
    is_final |= event.kind == VENEER_EVENT_PICTURE;
  }
  VeneerInfo info;
  if (veneer_decoder_info(loading->decoder, &info) != VENEER_OK) return TRUE; /* nothing has come */
  if (!is_final && (!info.has_preview || changed.width == 0)) return TRUE;
  VeneerImage picture;
  const VeneerStatus status = veneer_decoder_picture(loading->decoder, &picture);
  if (status != VENEER_OK) return fails(loading->decoder, status, error);
  if (picture.pixels == NULL) return TRUE;
  if (loading->pixbuf == NULL) {
    if (!prepare(loading, &picture, error)) return FALSE;
    changed = (VeneerRect){0, 0, picture.width, picture.height};
  }
  if (changed.width == 0 || changed.height == 0) return TRUE;
  veneer_copy_region(&loading->conversion, &picture, changed, loading->pixbuf);
  if (loading->updated_func != NULL) {
    loading->updated_func(loading->pixbuf, changed.x, changed.y, changed.width, changed.height, loading->user_data);
  }
  return TRUE;
}

static gboolean feed(Loading* loading, const guint8* data, gsize size, GError** error) {
  const VeneerStatus status = veneer_decoder_feed(loading->decoder, data, size);
  if (status != VENEER_OK) {
    VeneerProblem problem;
    /* Its JPEG may be shown all the same, when all of it is there. */
    if (veneer_decoder_error(loading->decoder, &problem) == VENEER_OK && problem.code == kNoPixels) return TRUE;
    return fails(loading->decoder, status, error);
  }
  return show_changes(loading, error);
}

/* Takes bytes until the headers are there, in pieces so small that nothing is decoded twice. */
static gboolean read_headers(Loading* loading, GError** error) {
  VeneerInfo info;
  while (loading->scouted < loading->start->len) {
    const gsize size = MIN((gsize)kHeadPiece, loading->start->len - loading->scouted);
    const VeneerStatus status = veneer_decoder_feed(loading->scout, loading->start->data + loading->scouted, size);
    if (status != VENEER_OK) return fails(loading->scout, status, error);
    loading->scouted += size;
    if (veneer_decoder_info(loading->scout, &info) != VENEER_OK) continue;
    veneer_decoder_destroy(loading->scout);
    loading->scout = NULL;
    if (!begin_decoding(loading, &info, error)) return FALSE;
    const gboolean is_fed = loading->is_unwanted || feed(loading, loading->start->data, loading->start->len, error);
    g_clear_pointer(&loading->start, g_byte_array_unref); /* it may be the whole file */
    return is_fed;
  }
  return TRUE;
}

static void end(Loading* loading) {
  veneer_decoder_destroy(loading->scout);
  veneer_decoder_destroy(loading->decoder);
  veneer_conversion_clear(&loading->conversion);
  g_clear_pointer(&loading->start, g_byte_array_unref);
  g_clear_object(&loading->pixbuf);
  g_free(loading);
}

static gpointer begin_load(GdkPixbufModuleSizeFunc size_func, GdkPixbufModulePreparedFunc prepared_func,
                           GdkPixbufModuleUpdatedFunc updated_func, gpointer user_data, GError** error) {
  VeneerDecoder* scout = veneer_decoder_create(NULL, NULL);
  if (scout == NULL) {
    no_memory(error);
    return NULL;
  }
  Loading* loading = g_new0(Loading, 1);
  loading->size_func = size_func;
  loading->prepared_func = prepared_func;
  loading->updated_func = updated_func;
  loading->user_data = user_data;
  loading->scout = scout;
  loading->start = g_byte_array_new();
  return loading;
}

static gboolean load_increment(gpointer context, const guchar* data, guint size, GError** error) {
  Loading* loading = context;
  if (loading->is_unwanted) return TRUE;
  if (loading->decoder != NULL) return feed(loading, data, size, error);
  if (loading->scout == NULL) return no_memory(error); /* it was missing before */
  g_byte_array_append(loading->start, data, size);
  return read_headers(loading, error);
}

static int write_piece(void* loader, const uint8_t* data, size_t size) {
  return gdk_pixbuf_loader_write(loader, data, size, NULL);
}

/* Shows a kept JPEG of a sort whose pixels the format does not describe, such as CMYK, by gdk-pixbuf's own loader. */
static gboolean show_jpeg(Loading* loading, GError** error) {
  GdkPixbufLoader* loader = gdk_pixbuf_loader_new_with_type("jpeg", error);
  if (loader == NULL) return FALSE;
  const VeneerStatus status = veneer_decoder_jpeg(loading->decoder, write_piece, loader);
  gboolean is_shown = gdk_pixbuf_loader_close(loader, error);
  GdkPixbuf* pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
  if (is_shown && (status != VENEER_OK || pixbuf == NULL)) is_shown = fails(loading->decoder, status, error);
  if (is_shown) {
    loading->pixbuf = g_object_ref(pixbuf);
    const int width = gdk_pixbuf_get_width(pixbuf), height = gdk_pixbuf_get_height(pixbuf);
    if (loading->prepared_func != NULL) loading->prepared_func(pixbuf, NULL, loading->user_data);
    if (loading->updated_func != NULL) loading->updated_func(pixbuf, 0, 0, width, height, loading->user_data);
  }
  g_object_unref(loader);
  return is_shown;
}

static gboolean finish(Loading* loading, GError** error) {
  VeneerProblem problem;
  if (loading->is_unwanted) return TRUE;
  if (loading->decoder == NULL) {
    if (loading->scout == NULL) return no_memory(error);
    return fails(loading->scout, veneer_decoder_finish(loading->scout), error); /* the headers are cut */
  }
  const VeneerStatus status = veneer_decoder_finish(loading->decoder);
  if (status != VENEER_OK) {
    const gboolean is_told = veneer_decoder_error(loading->decoder, &problem) == VENEER_OK;
    if (is_told && problem.code == kNoPixels && loading->pixbuf == NULL) return show_jpeg(loading, error);
    return fails(loading->decoder, status, error);
  }
  if (!show_changes(loading, error)) return FALSE;
  if (loading->pixbuf == NULL) return no_memory(error);
  if (veneer_decoder_problem(loading->decoder, 0, &problem) == VENEER_OK) {
    gdk_pixbuf_set_option(loading->pixbuf, "veneer::problem", problem.message);
    g_debug("Veneer: %s", problem.message);
  }
  return TRUE;
}

static gboolean stop_load(gpointer context, GError** error) {
  Loading* loading = context;
  const gboolean is_shown = finish(loading, error);
  end(loading);
  return is_shown;
}

G_MODULE_EXPORT void fill_vtable(GdkPixbufModule* module) {
  module->begin_load = begin_load;
  module->load_increment = load_increment;
  module->stop_load = stop_load;
}

G_MODULE_EXPORT void fill_info(GdkPixbufFormat* info) {
  static GdkPixbufModulePattern signature[] = {{"\x8bVNR\r\n\x1a\n", "        ", 100}, {NULL, NULL, 0}};
  static gchar* mime_types[] = {"image/x-veneer", NULL};
  static gchar* extensions[] = {"vnr", NULL};
  info->name = "veneer";
  info->signature = signature;
  info->description = "Veneer";
  info->mime_types = mime_types;
  info->extensions = extensions;
  info->flags = GDK_PIXBUF_FORMAT_THREADSAFE;
  info->license = "Apache-2.0";
}
