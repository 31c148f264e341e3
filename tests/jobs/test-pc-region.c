/* test-pc-region.c: what a computer is set to, by its environment, its files and its localed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-scratch.h"
#include "jobs/valise-pc-region.h"

static const struct
{
  const char *name;
  const char *environment[6];
  const char *localtime;  /* what the link leads to */
  const char *files[8];   /* a path and its text, in pairs */
  const char *localed[2]; /* layout and variant */
  const char *language;
  const char *locale;
  const char *keyboard;
  const char *zone;
} cases[] = {
  { "nothing", { NULL }, NULL, { NULL }, { NULL }, NULL, NULL, NULL, NULL },
  { "lang", { "LANG=de_DE.UTF-8" }, "/usr/share/zoneinfo/Europe/Berlin", { NULL }, { "de", "" },
    "de-DE", "de-DE", "0407:00000407", "W. Europe Standard Time" },
  { "categories", { "LANG=en_US.UTF-8", "LC_TIME=de_AT.UTF-8" },
    "../usr/share/zoneinfo/Asia/Kolkata", { NULL },
    { "us,de", ",nodeadkeys" }, "en-US", "de-AT", "0c07:00000409;0c07:00000407",
    "India Standard Time" },
  { "all", { "LANG=en_US.UTF-8", "LC_TIME=de_AT.UTF-8", "LC_ALL=fr_FR.UTF-8" }, NULL, { NULL },
    { NULL }, "fr-FR", "fr-FR", NULL, NULL },
  { "root-has-no-language", { "LANG=C.UTF-8" }, NULL,
    { "etc/default/locale", "#  File\nLANG=\"pl_PL.UTF-8\"\n" }, { NULL }, "pl-PL", "pl-PL", NULL,
    NULL },
  { "locale.conf", { NULL }, NULL, { "etc/locale.conf", "LANG=ja_JP.UTF-8" }, { NULL }, "ja-JP",
    "ja-JP", NULL, NULL },
  { "without-localed", { "LANG=fr_CH.UTF-8" }, NULL,
    { "etc/default/keyboard", "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"ch\"\nXKBVARIANT='fr'\n",
      "etc/timezone", "Europe/Zurich\n" },
    { NULL }, "fr-CH", "fr-CH", "100c:0000100c", "W. Europe Standard Time" },
  { "tz", { "TZ=America/New_York" }, "/usr/share/zoneinfo/Europe/Berlin", { NULL }, { NULL }, NULL,
    NULL, NULL, "Eastern Standard Time" },
  { "tz-of-posix", { "TZ=:/usr/share/zoneinfo/posix/US/Pacific" }, NULL, { NULL }, { NULL }, NULL,
    NULL, NULL, "Pacific Standard Time" },
  { "tz-rule", { "TZ=CET-1CEST" }, "/usr/share/zoneinfo/right/Asia/Tokyo", { NULL }, { NULL }, NULL,
    NULL, NULL, "Tokyo Standard Time" },
  { "unknown", { "LANG=eo" }, "/usr/share/zoneinfo/Antarctica/Troll", { NULL }, { "epo", "" }, NULL,
    NULL, NULL, NULL },
  { "damaged", { "LANG=" }, "/elsewhere",
    { "etc/default/keyboard", "XKBLAYOUT=\"de\n", "etc/timezone", "", "etc/locale.conf", "LANG" },
    { NULL }, NULL, NULL, NULL, NULL },
};

/* ---- a localed ---- */

static const char interface[]
    = "<node><interface name='org.freedesktop.locale1'>"
      "<property name='X11Layout' type='s' access='read'/>"
      "<property name='X11Variant' type='s' access='read'/></interface></node>";

static GVariant *
get_property (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *name,
              const char *property,
              GError **error,
              gpointer data)
{
  const char *const *localed = data;

  return g_variant_new_string (localed[g_str_equal (property, "X11Variant")]);
}

typedef struct
{
  GDBusConnection *bus;
  guint i;
  ValisePcRegion region;
  GMainLoop *loop;
} Reading;

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static gpointer
read_thread (gpointer data)
{
  Reading *reading = data;
  g_autofree char *root = NULL;
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);

  root = valise_scratch_build_path (scratch, "root");
  for (guint i = 0; cases[reading->i].files[i] != NULL; i += 2)
    {
      g_autofree char *path = g_build_filename (root, cases[reading->i].files[i], NULL);
      g_autofree char *folder = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      g_assert_true (g_file_set_contents (path, cases[reading->i].files[i + 1], -1, NULL));
    }
  if (cases[reading->i].localtime != NULL)
    {
      g_autofree char *path = g_build_filename (root, "etc/localtime", NULL);
      g_autofree char *folder = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      g_assert_cmpint (symlink (cases[reading->i].localtime, path), ==, 0);
    }
  valise_pc_region_read (&reading->region, root, cases[reading->i].environment, reading->bus);
  /* Not before it runs. */
  g_idle_add (quit_cb, reading->loop);
  return NULL;
}

static void
test_case (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  static const GDBusInterfaceVTable vtable = { .get_property = get_property };
  g_autoptr (GTestDBus) dbus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr (GDBusConnection) ours = NULL;
  g_autoptr (GDBusConnection) theirs = NULL;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface, NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  const GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                     | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION;
  Reading reading = { .i = i, .loop = loop };
  GThread *thread;
  guint owned = 0;

  if (cases[i].localed[0] != NULL)
    {
      g_test_dbus_up (dbus);
      ours = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (dbus), flags,
                                                     NULL, NULL, &error);
      g_assert_no_error (error);
      theirs = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (dbus), flags,
                                                       NULL, NULL, &error);
      g_assert_no_error (error);
      g_dbus_connection_register_object (theirs, "/org/freedesktop/locale1", info->interfaces[0],
                                         &vtable, (gpointer) cases[i].localed, NULL, &error);
      g_assert_no_error (error);
      owned = g_bus_own_name_on_connection (theirs, "org.freedesktop.locale1",
                                            G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
      /* The name is there when a round trip is over. */
      g_variant_unref (g_dbus_connection_call_sync (
          theirs, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
          "RequestName", g_variant_new ("(su)", "org.freedesktop.locale1", 4), NULL,
          G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error));
      g_assert_no_error (error);
    }
  reading.bus = ours;
  thread = g_thread_new ("reader", read_thread, &reading);
  g_main_loop_run (loop);
  g_thread_join (thread);
  g_assert_cmpstr (reading.region.language, ==, cases[i].language);
  g_assert_cmpstr (reading.region.locale, ==, cases[i].locale);
  g_assert_cmpstr (reading.region.keyboard, ==, cases[i].keyboard);
  g_assert_cmpstr (reading.region.time_zone, ==, cases[i].zone);
  valise_pc_region_clear (&reading.region);
  if (owned != 0)
    {
      g_bus_unown_name (owned);
      g_dbus_connection_close_sync (ours, NULL, NULL);
      g_dbus_connection_close_sync (theirs, NULL, NULL);
      g_test_dbus_stop (dbus);
    }
}

/* What was chosen counts. */
static void
test_fill (void)
{
  ValisePcRegion region = { (char *) "de-DE", (char *) "de-AT", (char *) "0407:00000407",
                            (char *) "UTC" };
  g_auto (ValiseAnswers) answers = { .locale = g_strdup ("fr-FR") };

  valise_pc_region_fill (&region, &answers);
  g_assert_cmpstr (answers.locale, ==, "fr-FR");
  g_assert_cmpstr (answers.language, ==, "de-DE");
  g_assert_cmpstr (answers.keyboard, ==, "0407:00000407");
  g_assert_cmpstr (answers.time_zone, ==, "UTC");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/pc-region/", cases[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/jobs/pc-region/fill", test_fill);
  return g_test_run ();
}
