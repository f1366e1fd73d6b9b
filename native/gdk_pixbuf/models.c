#include "models.h"

#include <glib.h>
#include <string.h>

/* Models by the paths of their weight files, kept as long as the process: a check of one takes longer than small
 * pictures do. */
static GHashTable* models_by_path = NULL;
static GMutex models_mutex;

static VeneerModel* read_model(const gchar* path) {
  gchar* data;
  gsize size;
  if (!g_file_get_contents(path, &data, &size, NULL)) return NULL;
  VeneerProblem error;
  VeneerModel* model = veneer_model_create(NULL, (const guint8*)data, size, &error);
  if (model == NULL) g_warning("%s: %s", path, error.code ? error.message : "not enough memory");
  g_free(data);
  return model;
}

/* The model of a weight file, NULL where it is none; the mutex is held. */
static const VeneerModel* cached_model(const gchar* path) {
  if (models_by_path == NULL) models_by_path = g_hash_table_new(g_str_hash, g_str_equal);
  VeneerModel* model = g_hash_table_lookup(models_by_path, path);
  if (model == NULL && (model = read_model(path)) != NULL) g_hash_table_insert(models_by_path, g_strdup(path), model);
  return model;
}

/* Adds the weight files of a folder whose names end with a number, NAME-7.vnw. Whether their bytes are those that the
 * file names is for the decoder to see. */
static void add_of_folder(VeneerDecoder* decoder, const gchar* folder, int id) {
  GDir* listing = g_dir_open(folder, 0, NULL);
  if (listing == NULL) return;
  gchar ending[32];
  g_snprintf(ending, sizeof ending, "-%d.vnw", id);
  for (const gchar* name; (name = g_dir_read_name(listing)) != NULL;) {
    if (!g_str_has_suffix(name, ending)) continue;
    gchar* path = g_build_filename(folder, name, NULL);
    const VeneerModel* model = cached_model(path);
    if (model != NULL) veneer_decoder_add_model(decoder, model);
    g_free(path);
  }
  g_dir_close(listing);
}

void veneer_add_models(VeneerDecoder* decoder, const VeneerInfo* info) {
  if (info->model_count == 0) return;
  const gchar* listed = g_getenv("VENEER_MODELS");
  gchar** folders = g_strsplit(listed != NULL ? listed : "", G_SEARCHPATH_SEPARATOR_S, -1);
  g_mutex_lock(&models_mutex);
  for (int i = 0; i < info->model_count; ++i) {
    for (gchar** folder = folders; *folder != NULL; ++folder) add_of_folder(decoder, *folder, info->models[i].id);
    add_of_folder(decoder, VENEER_MODELS_FOLDER, info->models[i].id);
  }
  g_mutex_unlock(&models_mutex);
  g_strfreev(folders);
}
