/* valise-pc-region.c: language, keyboard and time zone of this computer, in Windows' words.
 *
 * Asked of the one who decides it for the user: the environment for the languages, GNOME's settings
 * and then localed for the keyboard, the link /etc/localtime for the time zone; files in /etc where
 * those are missing. Nothing is guessed: what is not found stays open, and Windows asks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-pc-region.h"

#include <string.h>

#include "boot/valise-windows-region.h"
#include "boot/valise-windows-zones.h"

/* localed may have to be started; a program that hangs must not hang us. */
#define PATIENCE 2000 /* ms */

/* ---- languages ---- */

/* The value that counts for a category, as setlocale(3) has it. */
static const char *
get_locale (const char *const *environment, const char *category)
{
  const char *const names[] = { "LC_ALL", category, "LANG" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_environ_getenv ((char **) environment, names[i]);

      if (value != NULL && *value != '\0')
        return value;
    }
  return NULL;
}

/* A value in one of the files with lines such as NAME="value". */
static char *
read_variable (const char *root, const char *path, const char *name)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autofree char *prefix = g_strconcat (name, "=", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (full, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (g_strstrip (lines[i]), prefix))
      return g_shell_unquote (lines[i] + strlen (prefix), NULL);
  return NULL;
}

static char *
find_culture (const char *root, const char *const *environment, const char *category)
{
  g_autofree char *file = NULL;
  const char *locale = get_locale (environment, category);

  if (locale == NULL || g_str_equal (locale, "C") || g_str_has_prefix (locale, "C.")
      || g_str_equal (locale, "POSIX"))
    {
      file = read_variable (root, "etc/locale.conf", "LANG");
      if (file == NULL)
        file = read_variable (root, "etc/default/locale", "LANG");
      locale = file;
    }
  return locale != NULL ? g_strdup (valise_windows_culture_find (locale)) : NULL;
}

/* ---- the keyboard ---- */

typedef struct
{
  char *layouts;
  char *variants;
} Keyboard;

static void
keyboard_clear (Keyboard *self)
{
  g_free (self->layouts);
  g_free (self->variants);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keyboard, keyboard_clear)

/* GNOME has a list of its own: ('xkb', 'de+nodeadkeys'), ('ibus', 'mozc-jp') … */
static gboolean
ask_gnome (Keyboard *keyboard)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema
      = source != NULL
            ? g_settings_schema_source_lookup (source, "org.gnome.desktop.input-sources", TRUE)
            : NULL;
  g_autoptr (GSettings) settings = NULL;
  g_autoptr (GVariant) sources = NULL;
  g_autoptr (GString) layouts = g_string_new (NULL);
  g_autoptr (GString) variants = g_string_new (NULL);
  GVariantIter iter;
  const char *kind;
  const char *id;

  if (schema == NULL || !g_settings_schema_has_key (schema, "sources"))
    return FALSE;
  settings = g_settings_new_full (schema, NULL, NULL);
  sources = g_settings_get_value (settings, "sources");
  if (!g_variant_is_of_type (sources, G_VARIANT_TYPE ("a(ss)")))
    return FALSE;
  g_variant_iter_init (&iter, sources);
  while (g_variant_iter_next (&iter, "(&s&s)", &kind, &id))
    {
      const gsize length = strcspn (id, "+");

      if (!g_str_equal (kind, "xkb"))
        continue;
      g_string_append_printf (layouts, "%.*s,", (int) length, id);
      g_string_append_printf (variants, "%s,", id[length] == '+' ? id + length + 1 : "");
    }
  if (layouts->len == 0)
    return FALSE;
  keyboard->layouts = g_string_free (g_steal_pointer (&layouts), FALSE);
  keyboard->variants = g_string_free (g_steal_pointer (&variants), FALSE);
  return TRUE;
}

static char *
get_text (GVariant *properties, const char *name)
{
  const char *text;

  return g_variant_lookup (properties, name, "&s", &text) && *text != '\0' ? g_strdup (text) : NULL;
}

static gboolean
ask_localed (GDBusConnection *bus, Keyboard *keyboard)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.locale1", "/org/freedesktop/locale1",
      "org.freedesktop.DBus.Properties", "GetAll",
      g_variant_new ("(s)", "org.freedesktop.locale1"), G_VARIANT_TYPE ("(a{sv})"),
      G_DBUS_CALL_FLAGS_NONE, PATIENCE, NULL, NULL);
  g_autoptr (GVariant) properties = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;

  if (properties == NULL)
    return FALSE;
  keyboard->layouts = get_text (properties, "X11Layout");
  keyboard->variants = get_text (properties, "X11Variant");
  return keyboard->layouts != NULL;
}

static char *
find_keyboard (const char *root, GDBusConnection *bus, gboolean gnome, const char *culture)
{
  g_auto (Keyboard) keyboard = { 0 };

  if (!(gnome && ask_gnome (&keyboard)) && !(bus != NULL && ask_localed (bus, &keyboard)))
    {
      keyboard_clear (&keyboard);
      keyboard.layouts = read_variable (root, "etc/default/keyboard", "XKBLAYOUT");
      keyboard.variants = read_variable (root, "etc/default/keyboard", "XKBVARIANT");
    }
  return keyboard.layouts != NULL
             ? valise_windows_keyboard_find (keyboard.layouts, keyboard.variants, culture)
             : NULL;
}

/* ---- the time zone ---- */

/* A name of IANA's in a path to its file; the folders “posix” and “right” have all of them, too. */
static const char *
cut_zone (const char *path)
{
  const char *name = strstr (path, "zoneinfo/");

  if (name == NULL)
    return NULL;
  name += strlen ("zoneinfo/");
  if (g_str_has_prefix (name, "posix/") || g_str_has_prefix (name, "right/"))
    name += strlen ("posix/");
  return name;
}

static char *
find_zone (const char *root, const char *const *environment)
{
  const char *variable = g_environ_getenv ((char **) environment, "TZ");
  g_autofree char *link_path = g_build_filename (root, "etc/localtime", NULL);
  g_autofree char *file_path = g_build_filename (root, "etc/timezone", NULL);
  g_autofree char *target = g_file_read_link (link_path, NULL);
  g_autofree char *text = NULL;
  const char *windows = NULL;

  if (variable != NULL && *variable != '\0')
    {
      variable += *variable == ':';
      windows = valise_windows_zone_find (cut_zone (variable) != NULL ? cut_zone (variable)
                                                                      : variable);
    }
  if (windows == NULL && target != NULL && cut_zone (target) != NULL)
    windows = valise_windows_zone_find (cut_zone (target));
  if (windows == NULL && g_file_get_contents (file_path, &text, NULL, NULL))
    windows = valise_windows_zone_find (g_strstrip (text));
  return g_strdup (windows);
}

/* ---- all of it ---- */

static void
read_all (ValisePcRegion *self,
          const char *root,
          const char *const *environment,
          GDBusConnection *bus,
          gboolean gnome)
{
  self->language = find_culture (root, environment, "LC_MESSAGES");
  self->locale = find_culture (root, environment, "LC_TIME");
  self->keyboard
      = find_keyboard (root, bus, gnome, self->locale != NULL ? self->locale : self->language);
  self->time_zone = find_zone (root, environment);
}

/**
 * valise_pc_region_read:
 * @self: (out caller-allocates): gets what was found
 * @root: the folder that stands for the system's root
 * @environment: (array zero-terminated=1): the user's environment
 * @bus: (nullable): the system's bus
 *
 * Without the user's desktop settings. Blocks; any thread.
 */
void
valise_pc_region_read (ValisePcRegion *self,
                       const char *root,
                       const char *const *environment,
                       GDBusConnection *bus)
{
  read_all (self, root, environment, bus, FALSE);
}

/**
 * valise_pc_region_read_this:
 * @self: (out caller-allocates): gets what was found
 *
 * Asks this computer, in the name of the user. Blocks for some seconds at most; any thread.
 */
void
valise_pc_region_read_this (ValisePcRegion *self)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  read_all (self, "/", (const char *const *) environment, bus, TRUE);
}

/**
 * valise_pc_region_clear:
 * @self: what was found
 */
void
valise_pc_region_clear (ValisePcRegion *self)
{
  g_clear_pointer (&self->language, g_free);
  g_clear_pointer (&self->locale, g_free);
  g_clear_pointer (&self->keyboard, g_free);
  g_clear_pointer (&self->time_zone, g_free);
}

static void
fill (char **answer, const char *found)
{
  if (*answer == NULL)
    *answer = g_strdup (found);
}

/**
 * valise_pc_region_fill:
 * @self: what was found
 * @answers: gets it where nothing else was chosen
 */
void
valise_pc_region_fill (const ValisePcRegion *self, ValiseAnswers *answers)
{
  fill (&answers->language, self->language);
  fill (&answers->locale, self->locale);
  fill (&answers->keyboard, self->keyboard);
  fill (&answers->time_zone, self->time_zone);
}
