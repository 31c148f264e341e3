/* valise-settings.c: what the wizard remembers from one start to the next.
 *
 * A program that was not installed may lack its schema. GSettings would end it then; here it only
 * remembers nothing.
 *
 * Changes are written when the program ends, with the window or by a signal. Some of GSettings'
 * backends (that of a sandbox, for one) write at once, and wait until the bytes are on the disk:
 * the window would hang meanwhile. A program that crashes forgets what was changed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-settings.h"

#include "valise-application.h"

#define RECENT_IMAGES "recent-images"

/**
 * valise_settings_get:
 *
 * Main thread.
 *
 * Returns: (transfer none) (nullable): the settings; %NULL where their schema is not installed
 */
GSettings *
valise_settings_get (void)
{
  GApplication *application = g_application_get_default ();
  GSettings *settings = g_object_get_data (G_OBJECT (application), "valise-settings");
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (settings != NULL || source == NULL)
    return settings;
  schema = g_settings_schema_source_lookup (source, VALISE_APPLICATION_ID, TRUE);
  if (schema == NULL)
    return NULL;
  settings = g_settings_new_full (schema, NULL, NULL);
  g_settings_delay (settings);
  g_object_set_data_full (G_OBJECT (application), "valise-settings", settings, g_object_unref);
  return settings;
}

/**
 * valise_settings_apply:
 *
 * Writes what was changed, and waits until that is done: for the program's end. Main thread.
 */
void
valise_settings_apply (void)
{
  GSettings *settings = valise_settings_get ();

  if (settings == NULL || !g_settings_get_has_unapplied (settings))
    return;
  g_settings_apply (settings);
  g_settings_sync ();
}

/**
 * valise_settings_get_recent_images:
 *
 * Main thread.
 *
 * Returns: (transfer full): paths of the images used last, the last one first
 */
GStrv
valise_settings_get_recent_images (void)
{
  GSettings *settings = valise_settings_get ();

  return settings != NULL ? g_settings_get_strv (settings, RECENT_IMAGES) : g_new0 (char *, 1);
}

static void
change (const char *path, gboolean add)
{
  g_auto (GStrv) old = valise_settings_get_recent_images ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) new = NULL;
  guint n = 0;

  /* Settings are UTF-8; whoever has other names has to choose such an image each time. */
  if (valise_settings_get () == NULL || !g_utf8_validate (path, -1, NULL))
    return;
  if (add)
    {
      g_strv_builder_add (builder, path);
      n++;
    }
  for (gsize i = 0; old[i] != NULL && n < VALISE_SETTINGS_MAX_RECENT; i++)
    if (!g_str_equal (old[i], path))
      {
        g_strv_builder_add (builder, old[i]);
        n++;
      }
  new = g_strv_builder_end (builder);
  g_settings_set_strv (valise_settings_get (), RECENT_IMAGES, (const char *const *) new);
}

/**
 * valise_settings_add_recent_image:
 * @path: an image's path
 *
 * Remembers @path as the image used last. Main thread.
 */
void
valise_settings_add_recent_image (const char *path)
{
  change (path, TRUE);
}

/**
 * valise_settings_remove_recent_image:
 * @path: an image's path
 *
 * Forgets @path. Main thread.
 */
void
valise_settings_remove_recent_image (const char *path)
{
  change (path, FALSE);
}
