/* fake-udisks-main.c: a udisks2 for tests of whole programs, told on standard input what to do.
 *
 *   add DEVICE [KEY=VALUE…]           KEY: vendor, model, serial, wwn, bus, size, media; internal,
 *                                     fixed, read-only (=1)
 *   part DEVICE NUMBER [KEY=VALUE…]   KEY: size, type, label, mounts, opened, raid; swap (=1)
 *   mount DEVICE NUMBER [FOLDERS]
 *   links DEVICE NAME…               further names of its node
 *   medium DEVICE SIZE
 *   remove DEVICE
 *   open ANSWER [DEVICE]              what polkit says when a drive is opened, or only that one:
 *                                     yes, refused, dismissed, nobody (is there who could be asked)
 *   serve | hide
 *
 * Each line is answered with “ok”, or with what is wrong with it. It serves on the system bus,
 * which a test lets DBUS_SYSTEM_BUS_ADDRESS lead to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "fake-drives.h"

typedef struct
{
  FakeDrives *fake;
  GDataInputStream *input;
  GMainLoop *loop;
} Program;

static const char *
get (char **words, const char *key)
{
  gsize length = strlen (key);

  for (char **at = words; *at != NULL; at++)
    if (g_str_has_prefix (*at, key) && (*at)[length] == '=')
      return *at + length + 1;
  return NULL;
}

static guint64
get_number (char **words, const char *key)
{
  const char *value = get (words, key);

  return value != NULL ? g_ascii_strtoull (value, NULL, 10) : 0;
}

static void
add (Program *self, char **words)
{
  FakeDrive drive = {
    .device = words[1],
    .vendor = get (words, "vendor"),
    .model = get (words, "model"),
    .serial = get (words, "serial"),
    .wwn = get (words, "wwn"),
    .bus = get (words, "bus"),
    .size = get_number (words, "size"),
    .media = get (words, "media"),
    .internal = get (words, "internal") != NULL,
    .fixed = get (words, "fixed") != NULL,
    .read_only = get (words, "read-only") != NULL,
  };

  fake_drives_add (self->fake, &drive);
}

static void
add_part (Program *self, char **words)
{
  FakePart part = {
    .number = g_ascii_strtoull (words[2], NULL, 10),
    .size = get_number (words, "size"),
    .type = get (words, "type"),
    .label = get (words, "label"),
    .mounts = get (words, "mounts"),
    .swap = get (words, "swap") != NULL,
    .opened = get (words, "opened"),
    .raid = get (words, "raid"),
  };

  fake_drives_add_part (self->fake, words[1], &part);
}

static const char *
set_answer (Program *self, const char *word, const char *device)
{
  static const struct
  {
    const char *word;
    int code;
  } answers[] = {
    { "yes", -1 },
    { "refused", UDISKS_ERROR_NOT_AUTHORIZED },
    { "dismissed", UDISKS_ERROR_NOT_AUTHORIZED_DISMISSED },
    { "nobody", UDISKS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    if (g_str_equal (answers[i].word, word))
      {
        fake_drives_set_answer (self->fake, device, answers[i].code);
        return "ok";
      }
  return "no such answer";
}

static const char *
obey (Program *self, const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  gint n;

  if (!g_shell_parse_argv (line, &n, &words, &error))
    return "not understood";
  if (g_str_equal (words[0], "serve") || g_str_equal (words[0], "hide"))
    fake_drives_serve (self->fake, g_str_equal (words[0], "serve"));
  else if (g_str_equal (words[0], "open") && (n == 2 || n == 3))
    return set_answer (self, words[1], words[2]);
  else if (g_str_equal (words[0], "add") && n >= 2)
    add (self, words);
  else if (n < 2 || fake_drives_get_block (self->fake, words[1]) == NULL)
    return "no such drive, or command";
  else if (g_str_equal (words[0], "remove"))
    fake_drives_remove (self->fake, words[1], FAKE_REMOVE_BLOCK_FIRST);
  else if (g_str_equal (words[0], "medium") && n == 3)
    fake_drives_set_medium (self->fake, words[1], g_ascii_strtoull (words[2], NULL, 10));
  else if (g_str_equal (words[0], "part") && n >= 3)
    add_part (self, words);
  else if (g_str_equal (words[0], "links") && n >= 3)
    udisks_block_set_symlinks (fake_drives_get_block (self->fake, words[1]),
                               (const char *const *) words + 2);
  else if (g_str_equal (words[0], "mount") && n >= 3)
    fake_drives_mount (self->fake, words[1], g_ascii_strtoull (words[2], NULL, 10), words[3]);
  else
    return "no such command";
  return "ok";
}

static void
line_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Program *self = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);

  if (line == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  g_print ("%s\n", obey (self, line));
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_LOW, NULL, line_cb, self);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  Program self = { 0 };

  if (bus == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  self.fake = fake_drives_new (bus);
  self.input = g_data_input_stream_new (input);
  self.loop = g_main_loop_new (NULL, FALSE);
  g_print ("ok\n");
  g_data_input_stream_read_line_async (self.input, G_PRIORITY_LOW, NULL, line_cb, &self);
  g_main_loop_run (self.loop);
  g_main_loop_unref (self.loop);
  g_object_unref (self.input);
  fake_drives_free (self.fake);
  return 0;
}
