/* test-drive-reader.c: drives that udisks2 opens only to be read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "devices/valise-drive-reader.h"
#include "lease-udisks.h"

#define DEVICE "/dev/valise-fake"
#define NUMBER 2049
#define SIZE G_GUINT64_CONSTANT (64000000000)
#define STICK .device = DEVICE, .number = NUMBER, .size = SIZE

typedef struct
{
  GMainLoop *loop;
  GAsyncResult *result;
  guint64 size;  /* as the kernel says */
  guint64 number;
} Fixture;

static gboolean
look_at (gpointer data, int fd, ValiseLeaseFacts *facts)
{
  Fixture *f = data;

  *facts = (ValiseLeaseFacts) { TRUE, f->number, f->size, TRUE };
  return TRUE;
}

static gboolean
check (gpointer data, const char *device, ValiseLeaseMoment moment, const char *const *closable,
       GError **error)
{
  g_assert_not_reached ();
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;

  f->result = g_object_ref (result);
  g_main_loop_quit (f->loop);
}

static void
test_cases (void)
{
  static const ValiseLeaseOps ops = { look_at, check };
  static const struct
  {
    const char *name;
    LeaseScript script;
    guint64 size, number;
    gboolean is_system; /* whose error it is */
    int code;           /* -1 where it is opened */
    const char *calls;
  } cases[] = {
    { "idle", { STICK }, SIZE, NUMBER, FALSE, -1, "OpenDevice:fake" },
    { "mounted, and read-only", { STICK, .mounts = { "/media/a" }, .read_only = TRUE }, SIZE,
      NUMBER, FALSE, -1, "OpenDevice:fake" },
    { "another size", { STICK }, SIZE / 2, NUMBER, FALSE, VALISE_DRIVE_ERROR_VANISHED,
      "OpenDevice:fake" },
    { "another device", { STICK }, SIZE, NUMBER + 1, FALSE, VALISE_DRIVE_ERROR_VANISHED,
      "OpenDevice:fake" },
    { "no medium", { .device = DEVICE, .number = NUMBER }, 0, NUMBER, FALSE,
      VALISE_DRIVE_ERROR_NO_MEDIUM, "" },
    { "a partition", { STICK, .is_partition = TRUE }, SIZE, NUMBER, FALSE,
      VALISE_DRIVE_ERROR_REFUSED, "" },
    { "not there", { .device = "/dev/valise-other", .size = SIZE }, SIZE, NUMBER, TRUE,
      VALISE_SYSTEM_ERROR_NO_UDISKS, "" },
    { "not allowed", { STICK, .fail = "OpenDevice", .error = "NotAuthorized", .times = 1 }, SIZE,
      NUMBER, TRUE, VALISE_SYSTEM_ERROR_NOT_AUTHORIZED, "OpenDevice:fake" },
    { "gone", { STICK, .fail = "OpenDevice", .error = "UnknownObject", .times = 1 }, SIZE, NUMBER,
      FALSE, VALISE_DRIVE_ERROR_VANISHED, "OpenDevice:fake" },
  };
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autofree char *folder = g_dir_make_tmp ("valise-reader-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "drive", NULL);

  g_assert_true (g_file_set_contents (file, "drive", -1, NULL));
  g_test_dbus_up (bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (bus), TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture f = { g_main_loop_new (NULL, FALSE), NULL, cases[i].size, cases[i].number };
      const ValiseDriveLeaseOptions options = { 0, &ops, &f };
      GQuark domain = cases[i].is_system ? VALISE_SYSTEM_ERROR : VALISE_DRIVE_ERROR;
      LeaseScript script = cases[i].script;
      g_autoptr (LeaseUdisks) udisks = NULL;
      g_autofree char *calls = NULL;
      g_autoptr (GError) error = NULL;
      int fd;

      script.file = file;
      udisks = lease_udisks_new (g_test_dbus_get_bus_address (bus), &script);
      valise_drive_open_for_reading_async (DEVICE, &options, NULL, done_cb, &f);
      g_main_loop_run (f.loop);
      fd = valise_drive_open_for_reading_finish (f.result, &error);
      calls = lease_udisks_dup_calls (udisks);
      g_test_message ("%s: %s", cases[i].name, error != NULL ? error->message : "opened");
      g_assert_cmpstr (calls, ==, cases[i].calls);
      if (cases[i].code < 0)
        {
          g_assert_no_error (error);
          g_assert_cmpint (fcntl (fd, F_GETFL) & O_ACCMODE, ==, O_RDONLY);
          g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
          close (fd);
        }
      else
        {
          g_assert_cmpint (fd, ==, -1);
          g_assert_error (error, domain, cases[i].code);
          g_assert_nonnull (strstr (error->message, DEVICE));
        }
      g_object_unref (f.result);
      g_main_loop_unref (f.loop);
    }
  g_test_dbus_down (bus);
  valise_remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  g_test_init (&argc, &argv, NULL);
  if (daemon == NULL)
    {
      g_print ("1..0 # SKIP dbus-daemon is not installed\n");
      return 0;
    }
  g_test_add_func ("/devices/reader/cases", test_cases);
  return g_test_run ();
}
