/* test-drive-lease.c: drives that are leased from a udisks2 that does what a table says.
 *
 * What was called, and in which order, is what udisks2 has noted. A regular file stands for the
 * drive, so that the table says what the kernel would say of the descriptor; where there are loop
 * devices, the kernel says it itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "devices/valise-drive-lease.h"
#include "devices/valise-drive-users.h"
#include "lease-udisks.h"

#define DEVICE "/dev/valise-fake"
#define NUMBER 2049
#define SIZE G_GUINT64_CONSTANT (64000000000)
#define STICK .device = DEVICE, .number = NUMBER, .size = SIZE

/* Which the kernel does not say of a stick that is what it was. */
typedef enum
{
  FACTS_RIGHT,
  FACTS_OTHER_SIZE,
  FACTS_NO_SIZE,
  FACTS_OTHER_NUMBER,
  FACTS_NO_BLOCK_DEVICE,
  FACTS_READ_ONLY,
  FACTS_FAIL,
} Facts;

typedef enum
{
  GUARD_AGREES,
  GUARD_REFUSES_BEFORE,
  GUARD_REFUSES_STACKED,
  GUARD_REFUSES_OPEN,
} Guard;

typedef struct
{
  const char *name;
  LeaseScript script;
  Facts facts;
  Guard guard;
  gboolean locked; /* by another program */
  guint64 wanted_size;

  /* What comes of it: no word where it succeeds. */
  const char *domain;
  int code;
  const char *words;
  const char *calls;
} Case;

#define DRIVE_ERROR(word) .domain = "valise-drive-error-quark", .code = VALISE_DRIVE_ERROR_##word
#define SYSTEM_ERROR(word) .domain = "valise-system-error-quark", .code = VALISE_SYSTEM_ERROR_##word
#define CANCELLED .domain = "g-io-error-quark", .code = G_IO_ERROR_CANCELLED

#define OPENED "OpenDevice:fake"
#define UNMOUNTED "Unmount:fake1 "

static const Case cases[] = {
  { "nothing to do", { STICK }, .calls = OPENED },
  { "the size that was seen", { STICK }, .wanted_size = SIZE, .calls = OPENED },
  { "another size than was seen", { STICK }, .wanted_size = SIZE + 512, DRIVE_ERROR (VANISHED),
    "another drive", "" },
  { "mounted", { STICK, .mounts = { "/media/a" } }, .calls = UNMOUNTED OPENED },
  { "mounted three times", { STICK, .mounts = { "/media/a", "/media/b", "/media/c" } },
    .calls = UNMOUNTED UNMOUNTED UNMOUNTED OPENED },
  { "an encrypted volume that is locked", { STICK, .luks = LUKS_LOCKED }, .calls = OPENED },
  { "one that is open", { STICK, .luks = LUKS_OPEN }, .calls = "Lock:fake2 " OPENED },
  { "one that is mounted", { STICK, .luks = LUKS_MOUNTED, .mounts = { "/media/a" } },
    .calls = "Unmount:dm_2d7 Lock:fake2 " UNMOUNTED OPENED },
  { "a loop device", { STICK, .no_drive = TRUE, .mounts = { "/mnt" } },
    .calls = UNMOUNTED OPENED },
  { "an automounter, once", { STICK, .mounts = { "/media/a" }, .remounts = 1 },
    .calls = UNMOUNTED UNMOUNTED OPENED },
  { "an automounter that is faster than the opening", { STICK, .race = TRUE },
    .calls = OPENED " " UNMOUNTED OPENED },
  { "an automounter that does not stop", { STICK, .mounts = { "/media/a" }, .remounts = 1000 },
    DRIVE_ERROR (IN_USE), "“/media/a” again",
    "Unmount:fake1 Unmount:fake1 Unmount:fake1 Unmount:fake1 Unmount:fake1 Unmount:fake1" },

  /* polkit */
  { "not allowed to open", { STICK, .fail = "OpenDevice", .error = "NotAuthorized", .times = 9 },
    SYSTEM_ERROR (NOT_AUTHORIZED), "not allowed", OPENED },
  { "nobody to ask",
    { STICK, .fail = "OpenDevice", .error = "NotAuthorizedCanObtain", .times = 9 },
    SYSTEM_ERROR (NO_AGENT), "pkttyagent", OPENED },
  { "the question was closed",
    { STICK, .fail = "OpenDevice", .error = "NotAuthorizedDismissed", .times = 9 },
    SYSTEM_ERROR (DISMISSED), "closed without an answer", OPENED },
  { "not allowed to unmount",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "NotAuthorized", .times = 9 },
    SYSTEM_ERROR (NOT_AUTHORIZED), "not allowed", "Unmount:fake1" },
  { "nobody to ask whether to unmount",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "NotAuthorizedCanObtain",
      .times = 9 },
    SYSTEM_ERROR (NO_AGENT), "pkttyagent", "Unmount:fake1" },
  { "locking dismissed",
    { STICK, .luks = LUKS_OPEN, .fail = "Lock", .error = "NotAuthorizedDismissed", .times = 9 },
    SYSTEM_ERROR (DISMISSED), "closed without an answer", "Lock:fake2" },

  /* in use */
  { "busy for a moment",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "DeviceBusy", .times = 2 },
    .calls = UNMOUNTED UNMOUNTED UNMOUNTED OPENED },
  { "busy",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "DeviceBusy", .times = 99 },
    DRIVE_ERROR (IN_USE), "something open in “/media/a”",
    "Unmount:fake1 Unmount:fake1 Unmount:fake1 Unmount:fake1" },
  { "a busy encrypted volume",
    { STICK, .luks = LUKS_OPEN, .fail = "Lock", .error = "DeviceBusy", .times = 99 },
    DRIVE_ERROR (IN_USE), "“/dev/dm-7”", "Lock:fake2 Lock:fake2 Lock:fake2 Lock:fake2" },
  { "somebody else unmounts",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "NotMounted", .times = 1 },
    .calls = UNMOUNTED UNMOUNTED OPENED },
  { "a file system that is no longer one",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "UnknownMethod", .times = 1 },
    .calls = UNMOUNTED UNMOUNTED OPENED },
  { "held open", { STICK, .fail = "OpenDevice", .error = "DeviceBusy", .times = 99 },
    DRIVE_ERROR (IN_USE), "perhaps another Valise",
    OPENED " " OPENED " " OPENED " " OPENED },
  { "held open for a moment", { STICK, .fail = "OpenDevice", .error = "DeviceBusy", .times = 2 },
    .calls = OPENED " " OPENED " " OPENED },
  { "locked by another program", { STICK }, .locked = TRUE, DRIVE_ERROR (IN_USE), "holds “" DEVICE,
    OPENED },
  { "swap", { STICK, .mounts = { "/media/a" }, .swaps = TRUE }, DRIVE_ERROR (REFUSED),
    "swaps to it", "" },
  { "a RAID", { STICK, .raid = TRUE }, DRIVE_ERROR (REFUSED), "RAID", "" },
  { "the system's folder", { STICK, .mounts = { "/media/a", "/boot/efi" } }, DRIVE_ERROR (REFUSED),
    "“/boot/efi” of the running system", "" },

  /* no drive to write to */
  { "read-only", { STICK, .read_only = TRUE, .mounts = { "/media/a" } }, DRIVE_ERROR (READ_ONLY),
    "cannot be written", "" },
  { "a partition", { STICK, .is_partition = TRUE }, DRIVE_ERROR (REFUSED), "is a partition", "" },
  { "no medium", { .device = DEVICE, .number = NUMBER }, DRIVE_ERROR (NO_MEDIUM), "no medium", "" },
  { "not there", { .device = "/dev/valise-other", .size = SIZE }, SYSTEM_ERROR (NO_UDISKS),
    "does not know", "" },
  { "cannot be opened", { STICK, .fail = "OpenDevice", .error = "Failed", .times = 9 },
    DRIVE_ERROR (FAILED), "as the script says", OPENED },

  /* the descriptor */
  { "a descriptor of another size", { STICK }, FACTS_OTHER_SIZE, DRIVE_ERROR (REFUSED),
    "(64000000000 bytes), but has", OPENED },
  { "a descriptor without a medium", { STICK }, FACTS_NO_SIZE, DRIVE_ERROR (VANISHED), "pulled out",
    OPENED },
  { "a descriptor of another device", { STICK }, FACTS_OTHER_NUMBER, DRIVE_ERROR (REFUSED),
    "another device", OPENED },
  { "a descriptor of a file", { STICK }, FACTS_NO_BLOCK_DEVICE, DRIVE_ERROR (REFUSED),
    "another device", OPENED },
  { "a read-only descriptor", { STICK }, FACTS_READ_ONLY, DRIVE_ERROR (READ_ONLY),
    "cannot be written", OPENED },
  { "a dead descriptor", { STICK }, FACTS_FAIL, DRIVE_ERROR (VANISHED), "pulled out", OPENED },

  /* the guard */
  { "refused at first", { STICK, .mounts = { "/media/a" } }, .guard = GUARD_REFUSES_BEFORE,
    DRIVE_ERROR (REFUSED), "the guard", "" },
  { "what is stacked is refused", { STICK, .luks = LUKS_OPEN }, .guard = GUARD_REFUSES_STACKED,
    DRIVE_ERROR (REFUSED), "the guard", "" },
  { "nothing is stacked", { STICK, .luks = LUKS_LOCKED }, .guard = GUARD_REFUSES_STACKED,
    .calls = OPENED },
  { "refused when it is open", { STICK }, .guard = GUARD_REFUSES_OPEN, DRIVE_ERROR (REFUSED),
    "the guard", OPENED },

  /* pulled out */
  { "gone before unmounting", { STICK, .mounts = { "/media/a" }, .remove_at = "look 2" },
    DRIVE_ERROR (VANISHED), "pulled out", "" },
  { "gone while unmounting", { STICK, .mounts = { "/media/a" }, .remove_at = "Unmount" },
    DRIVE_ERROR (VANISHED), "pulled out", "Unmount:fake1" },
  { "gone after unmounting", { STICK, .mounts = { "/media/a" }, .remove_at = "look 3" },
    DRIVE_ERROR (VANISHED), "pulled out", "Unmount:fake1" },
  { "gone while locking", { STICK, .luks = LUKS_OPEN, .remove_at = "Lock" },
    DRIVE_ERROR (VANISHED), "pulled out", "Lock:fake2" },
  { "gone while opening", { STICK, .remove_at = "OpenDevice" }, DRIVE_ERROR (VANISHED),
    "pulled out", OPENED },
  { "another drive while unmounting",
    { STICK, .mounts = { "/media/a" }, .remove_at = "Unmount", .replace = TRUE },
    DRIVE_ERROR (VANISHED), "another drive", "Unmount:fake1" },
  { "another drive while opening", { STICK, .remove_at = "OpenDevice", .replace = TRUE },
    DRIVE_ERROR (VANISHED), "another drive", OPENED },

  /* cancelled */
  { "cancelled while looking", { STICK, .mounts = { "/media/a" }, .cancel_at = "look 1" },
    CANCELLED, "", "" },
  { "cancelled before unmounting", { STICK, .mounts = { "/media/a" }, .cancel_at = "look 2" },
    CANCELLED, "", "" },
  { "cancelled while unmounting", { STICK, .mounts = { "/media/a" }, .cancel_at = "Unmount" },
    CANCELLED, "", "Unmount:fake1" },
  { "cancelled while waiting for a program",
    { STICK, .mounts = { "/media/a" }, .fail = "Unmount", .error = "DeviceBusy", .times = 99,
      .cancel_at = "Unmount" },
    CANCELLED, "", "Unmount:fake1" },
  { "cancelled while locking", { STICK, .luks = LUKS_OPEN, .cancel_at = "Lock" }, CANCELLED, "",
    "Lock:fake2" },
  { "cancelled while somebody looks for the password",
    { STICK, .fail = "OpenDevice", .error = "Silence", .times = 9, .cancel_at = "OpenDevice" },
    CANCELLED, "", OPENED },
  { "cancelled while opening", { STICK, .cancel_at = "OpenDevice" }, CANCELLED, "", OPENED },
};

/* ---- one lease ---- */

typedef struct
{
  GTestDBus *bus;
  GMainLoop *loop;
  char *folder;
  char *file;
  Facts facts;
  Guard guard;
  GAsyncResult *result;
} Fixture;

static void
setup (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (f->bus), TRUE);
  f->loop = g_main_loop_new (NULL, FALSE);
  f->folder = g_dir_make_tmp ("valise-lease-XXXXXX", &error);
  g_assert_no_error (error);
  f->file = g_build_filename (f->folder, "drive", NULL);
  g_file_set_contents (f->file, "drive", -1, &error);
  g_assert_no_error (error);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  valise_remove_tree (f->folder);
  g_free (f->file);
  g_free (f->folder);
  g_main_loop_unref (f->loop);
  g_test_dbus_down (f->bus);
  g_object_unref (f->bus);
}

static gboolean
look_at (gpointer data, int fd, ValiseLeaseFacts *facts)
{
  Fixture *f = data;

  *facts = (ValiseLeaseFacts) { TRUE, NUMBER, SIZE, FALSE };
  if (f->facts == FACTS_OTHER_SIZE)
    facts->size = SIZE / 2;
  else if (f->facts == FACTS_NO_SIZE)
    facts->size = 0;
  else if (f->facts == FACTS_OTHER_NUMBER)
    facts->number++;
  else if (f->facts == FACTS_NO_BLOCK_DEVICE)
    *facts = (ValiseLeaseFacts) { 0 };
  else if (f->facts == FACTS_READ_ONLY)
    facts->read_only = TRUE;
  return f->facts != FACTS_FAIL;
}

static gboolean
check (gpointer data, const char *device, ValiseLeaseMoment moment, const char *const *closable,
       GError **error)
{
  Fixture *f = data;

  g_assert_cmpstr (device, ==, moment == VALISE_LEASE_MOMENT_STACKED ? "/dev/dm-7" : DEVICE);
  if (moment == VALISE_LEASE_MOMENT_OPEN)
    g_assert_null (closable[0]);
  if (moment == VALISE_LEASE_MOMENT_STACKED)
    g_assert_cmpstr (closable[0], ==, "dm-7");
  if (f->guard == GUARD_AGREES || (int) f->guard - 1 != (int) moment)
    return TRUE;
  g_set_error_literal (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED, "the guard");
  return FALSE;
}

static const ValiseLeaseOps ops = { look_at, check };

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;

  f->result = g_object_ref (result);
  g_main_loop_quit (f->loop);
}

static GAsyncResult *
wait_for_result (Fixture *f)
{
  g_main_loop_run (f->loop);
  return g_steal_pointer (&f->result);
}

static ValiseDriveLease *
acquire (Fixture *f, const ValiseLeaseOps *with_ops, const char *device, guint64 size,
         GCancellable *cancellable, GError **error)
{
  const ValiseDriveLeaseOptions options = { size, with_ops, f };
  g_autoptr (GAsyncResult) result = NULL;

  valise_drive_lease_acquire_async (device, &options, cancellable, done_cb, f);
  result = wait_for_result (f);
  return valise_drive_lease_acquire_finish (result, error);
}

static gboolean
release (Fixture *f, ValiseDriveLease *lease, gboolean eject, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  valise_drive_lease_release_async (lease, eject, NULL, done_cb, f);
  result = wait_for_result (f);
  return valise_drive_lease_release_finish (lease, result, error);
}

/* Whether somebody has the file locked. */
static gboolean
is_locked (Fixture *f)
{
  int fd = open (f->file, O_RDWR | O_CLOEXEC);
  gboolean locked;

  g_assert_cmpint (fd, >=, 0);
  locked = flock (fd, LOCK_EX | LOCK_NB) != 0;
  close (fd);
  return locked;
}

/* The thread of the other side closes its copies when it finds the time. */
static void
assert_unlocked (Fixture *f)
{
  for (guint i = 0; i < 300 && is_locked (f); i++)
    g_usleep (G_TIME_SPAN_MILLISECOND * 100);
  g_assert_false (is_locked (f));
}

/* How many descriptors of ours lead to the file. */
static guint
count_open (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *to = g_file_read_link (link, NULL);

      n += g_strcmp0 (to, f->file) == 0;
    }
  return n;
}

/* A descriptor in a message that nobody waited for is closed by GDBus's thread. */
static void
assert_closed (Fixture *f)
{
  for (guint i = 0; i < 300 && count_open (f) > 0; i++)
    g_usleep (G_TIME_SPAN_MILLISECOND * 100);
  g_assert_cmpuint (count_open (f), ==, 0);
}

static void
check_case (Fixture *f, const Case *c)
{
  LeaseScript script = c->script;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LeaseUdisks) udisks = NULL;
  g_autoptr (ValiseDriveLease) lease = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *calls = NULL;
  int other = -1;

  f->facts = c->facts;
  f->guard = c->guard;
  script.file = f->file;
  script.cancellable = cancellable;
  udisks = lease_udisks_new (g_test_dbus_get_bus_address (f->bus), &script);
  if (c->locked)
    {
      other = open (f->file, O_RDWR | O_CLOEXEC);
      g_assert_cmpint (flock (other, LOCK_EX), ==, 0);
    }
  lease = acquire (f, &ops, DEVICE, c->wanted_size, cancellable, &error);
  calls = lease_udisks_dup_calls (udisks);
  g_test_message ("%s: %s; %s", c->name, calls, error != NULL ? error->message : "leased");
  if (other >= 0)
    close (other);

  g_assert_cmpstr (calls, ==, c->calls);
  if (c->words == NULL)
    {
      g_assert_no_error (error);
      g_assert_nonnull (lease);
      g_assert_true (is_locked (f));
      g_clear_object (&lease);
      assert_unlocked (f);
    }
  else
    {
      g_assert_null (lease);
      g_assert_error (error, g_quark_from_string (c->domain), c->code);
      g_assert_nonnull (strstr (error->message, c->words));
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_assert_nonnull (strstr (error->message, c->guard == GUARD_AGREES ? DEVICE : "guard"));
    }
  assert_closed (f);
}

static void
test_cases (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (f, &cases[i]);
}

/* ---- what it would do ---- */

static void
check_contents (ValiseDriveContents *contents, LuksState luks)
{
  const ValiseDriveContent **parts = (const ValiseDriveContent **) contents->parts->pdata;

  g_assert_true (contents->readable);
  g_assert_cmpstr (contents->table, ==, "dos");
  g_assert_cmpuint (contents->parts->len, ==, luks == LUKS_NONE ? 2 : 3);
  g_assert_cmpuint (parts[0]->number, ==, 1);
  g_assert_cmpuint (parts[0]->size, ==, SIZE);
  g_assert_cmpstr (parts[0]->type, ==, "vfat");
  g_assert_cmpstr (parts[0]->label, ==, "OLDSTICK");
  if (luks != LUKS_NONE)
    g_assert_cmpstr (parts[1]->type, ==, "crypto_LUKS");
  g_assert_null (parts[1]->label);
}

static void
test_survey (Fixture *f, gconstpointer data)
{
  static const struct
  {
    LeaseScript script;
    const char *mounts;
    const char *unlocked;
    int code; /* of a refusal; -1 for none */
  } surveys[] = {
    { { STICK }, "", "", -1 },
    { { STICK, .mounts = { "/media/a", "/media/b" } }, "/media/a /media/b", "", -1 },
    { { STICK, .luks = LUKS_MOUNTED }, "/media/secret", DEVICE "2", -1 },
    { { STICK, .luks = LUKS_LOCKED }, "", "", -1 },
    { { STICK, .swaps = TRUE }, NULL, NULL, VALISE_DRIVE_ERROR_REFUSED },
    { { STICK, .read_only = TRUE }, NULL, NULL, VALISE_DRIVE_ERROR_READ_ONLY },
  };

  f->facts = FACTS_RIGHT;
  f->guard = GUARD_AGREES;
  for (gsize i = 0; i < G_N_ELEMENTS (surveys); i++)
    {
      const ValiseDriveLeaseOptions options = { 0, &ops, f };
      g_autoptr (LeaseUdisks) udisks
          = lease_udisks_new (g_test_dbus_get_bus_address (f->bus), &surveys[i].script);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (ValiseDriveSurvey) survey = NULL;
      g_autofree char *calls = NULL;
      g_autoptr (GError) error = NULL;

      valise_drive_lease_survey_async (DEVICE, &options, NULL, done_cb, f);
      result = wait_for_result (f);
      survey = valise_drive_lease_survey_finish (result, &error);
      calls = lease_udisks_dup_calls (udisks);
      g_assert_cmpstr (calls, ==, "");
      if (surveys[i].code >= 0)
        g_assert_error (error, VALISE_DRIVE_ERROR, surveys[i].code);
      else
        {
          g_autofree char *mounts = NULL;
          g_autofree char *unlocked = NULL;

          g_assert_no_error (error);
          mounts = g_strjoinv (" ", survey->mounts);
          unlocked = g_strjoinv (" ", survey->unlocked);
          g_assert_cmpstr (mounts, ==, surveys[i].mounts);
          g_assert_cmpstr (unlocked, ==, surveys[i].unlocked);
          check_contents (survey->contents, surveys[i].script.luks);
        }
    }
}

/* By a name that udisks2 has among the links. */
static void
test_link (Fixture *f, gconstpointer data)
{
  const LeaseScript script = { STICK, .file = f->file };
  g_autoptr (LeaseUdisks) udisks
      = lease_udisks_new (g_test_dbus_get_bus_address (f->bus), &script);
  const ValiseDriveLeaseOptions options = { 0, NULL, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  /* The kernel does not know it, so that the real guard refuses it; but it was found. */
  valise_drive_lease_survey_async ("/dev/disk/by-id/fake", &options, NULL, done_cb, f);
  result = wait_for_result (f);
  g_assert_null (valise_drive_lease_survey_finish (result, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "seen from here"));
}

static void
test_no_udisks (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->guard = GUARD_AGREES;
  g_assert_null (acquire (f, &ops, DEVICE, 0, NULL, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS);
  g_assert_nonnull (strstr (error->message, "systemctl start udisks2"));
  g_clear_error (&error);

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/valise", TRUE);
  g_assert_null (acquire (f, &ops, DEVICE, 0, NULL, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS);
}

/* ---- descriptors ---- */

static void
test_descriptors (Fixture *f, gconstpointer data)
{
  const LeaseScript script = { STICK, .file = f->file };
  g_autoptr (LeaseUdisks) udisks
      = lease_udisks_new (g_test_dbus_get_bus_address (f->bus), &script);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDriveLease) lease = NULL;
  int copy, own;

  f->facts = FACTS_RIGHT;
  f->guard = GUARD_AGREES;
  lease = acquire (f, &ops, DEVICE, 0, NULL, &error);
  g_assert_no_error (error);
  copy = valise_drive_lease_dup_fd (lease, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fcntl (copy, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (copy, F_GETFL) & O_ACCMODE, ==, O_RDWR);

  /* The lock is kept by whichever of the two is left. */
  close (copy);
  g_assert_true (is_locked (f));
  own = valise_drive_lease_steal_fd (lease);
  g_assert_cmpint (own, >=, 0);
  g_assert_cmpint (valise_drive_lease_steal_fd (lease), ==, -1);
  g_clear_object (&lease);
  g_assert_true (is_locked (f));
  g_assert_cmpint (fcntl (own, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  close (own);
  assert_unlocked (f);
}

/* ---- letting it go ---- */

static void
test_release (Fixture *f, gconstpointer data)
{
  static const struct
  {
    LeaseScript script;
    gboolean eject;
    const char *mount; /* what an automounter does then */
    const char *domain;
    int code;
    const char *words;
    const char *calls; /* after OpenDevice */
  } releases[] = {
    { { STICK }, FALSE, NULL, NULL, 0, NULL, "Rescan:fake" },
    { { STICK, .can_power_off = TRUE, .ejectable = TRUE }, FALSE, NULL, NULL, 0, NULL,
      "Rescan:fake" },
    { { STICK, .can_power_off = TRUE, .ejectable = TRUE }, TRUE, NULL, NULL, 0, NULL,
      "PowerOff:Stick_1" },
    { { STICK, .ejectable = TRUE }, TRUE, NULL, NULL, 0, NULL, "Eject:Stick_1" },
    { { STICK, .can_power_off = TRUE }, TRUE, "/media/windows", NULL, 0, NULL,
      "Unmount:fake1 PowerOff:Stick_1" },
    { { STICK }, TRUE, NULL, DRIVE_ERROR (FAILED), "cannot be switched off", "Rescan:fake" },
    { { STICK, .no_drive = TRUE }, TRUE, NULL, DRIVE_ERROR (FAILED), "cannot be switched off",
      "Rescan:fake" },
    { { STICK, .can_power_off = TRUE, .fail = "PowerOff", .error = "Failed", .times = 9 }, TRUE,
      NULL, DRIVE_ERROR (FAILED), "not harmed. udisks2 could", "PowerOff:Stick_1 Rescan:fake" },
    { { STICK, .can_power_off = TRUE, .fail = "PowerOff", .error = "DeviceBusy", .times = 2 },
      TRUE, NULL, NULL, 0, NULL, "PowerOff:Stick_1 PowerOff:Stick_1 PowerOff:Stick_1" },
    { { STICK, .can_power_off = TRUE, .fail = "PowerOff", .error = "NotAuthorizedCanObtain",
        .times = 9 },
      TRUE, NULL, SYSTEM_ERROR (NO_AGENT), "pkttyagent", "PowerOff:Stick_1 Rescan:fake" },
    { { STICK, .ejectable = TRUE, .fail = "Eject", .error = "NotAuthorizedDismissed", .times = 9 },
      TRUE, NULL, SYSTEM_ERROR (DISMISSED), "closed", "Eject:Stick_1 Rescan:fake" },
    { { STICK, .fail = "Rescan", .error = "Failed", .times = 9 }, FALSE, NULL,
      DRIVE_ERROR (FAILED), "as the script says", "Rescan:fake" },
    { { STICK, .fail = "Rescan", .error = "NotAuthorizedCanObtain", .times = 9 }, FALSE, NULL, NULL,
      0, NULL, "Rescan:fake" },
    { { STICK, .fail = "Rescan", .error = "UnknownObject", .times = 9 }, FALSE, NULL, NULL, 0,
      NULL, "Rescan:fake" },
    { { STICK, .can_power_off = TRUE, .remove_at = "PowerOff" }, TRUE, NULL,
      DRIVE_ERROR (VANISHED), "pulled out", "PowerOff:Stick_1" },
  };

  f->facts = FACTS_RIGHT;
  f->guard = GUARD_AGREES;
  for (gsize i = 0; i < G_N_ELEMENTS (releases); i++)
    {
      LeaseScript script = releases[i].script;
      g_autoptr (LeaseUdisks) udisks = NULL;
      g_autoptr (ValiseDriveLease) lease = NULL;
      g_autofree char *calls = NULL;
      g_autofree char *expected = NULL;
      g_autoptr (GError) error = NULL;
      gboolean ok;

      script.file = f->file;
      udisks = lease_udisks_new (g_test_dbus_get_bus_address (f->bus), &script);
      lease = acquire (f, &ops, DEVICE, 0, NULL, &error);
      g_assert_no_error (error);
      if (releases[i].mount != NULL)
        lease_udisks_mount (udisks, releases[i].mount);
      ok = release (f, lease, releases[i].eject, &error);
      calls = lease_udisks_dup_calls (udisks);
      g_test_message ("%zu: %s; %s", i, calls, error != NULL ? error->message : "done");
      expected = g_strconcat (OPENED " ", releases[i].calls, NULL);
      g_assert_cmpint (ok, ==, releases[i].words == NULL);
      if (releases[i].words != NULL)
        {
          g_assert_error (error, g_quark_from_string (releases[i].domain), releases[i].code);
          g_assert_nonnull (strstr (error->message, releases[i].words));
        }
      g_assert_cmpstr (calls, ==, expected);
      assert_unlocked (f);
    }
}

/* ---- who uses it ---- */

static void
put_link (const char *root, const char *path, const char *to)
{
  g_autofree char *full = g_build_filename (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_cmpint (symlink (to, full), ==, 0);
}

static void
test_users (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *link;
    const char *to;
    const char *name; /* NULL: is none */
  } users[] = {
    { "11/fd/4", "/media/a/holiday.jpg", "eog" },
    { "12/fd/4", "/media/abc/holiday.jpg", NULL },
    { "13/cwd", "/media/a", "bash" },
    { "14/exe", "/media/a/bin/tool", "tool" },
    { "15/fd/9", "/dev/sdq1", "dd" },
    { "16/fd/9", "/dev/sdq11", NULL },
    { "self/fd/9", "/dev/sdq1", NULL },
  };
  static const char *const folders[] = { "/media/a", NULL };
  static const char *const devices[] = { "/dev/sdq", "/dev/sdq1", NULL };
  static const char *const none[] = { NULL };
  g_autofree char *proc = g_build_filename (f->folder, "proc", NULL);
  g_autofree char *backing = g_build_filename (f->folder, "sys/block/loop3/loop", NULL);
  g_autofree char *file = g_build_filename (backing, "backing_file", NULL);
  g_autofree char *sys = g_build_filename (f->folder, "sys", NULL);
  g_autofree char *text = NULL;
  g_autofree char *own = NULL;
  g_autofree char *here = g_get_current_dir ();
  const char *const mine[] = { here, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (users); i++)
    {
      g_auto (GStrv) parts = g_strsplit (users[i].link, "/", 2);
      g_autofree char *comm = g_build_filename (proc, parts[0], "comm", NULL);

      put_link (proc, users[i].link, users[i].to);
      g_file_set_contents (comm, users[i].name != NULL ? users[i].name : "wrong", -1, NULL);
    }
  g_assert_cmpint (g_mkdir_with_parents (backing, 0700), ==, 0);
  g_file_set_contents (file, "/media/a/disc.iso\n", -1, NULL);

  text = valise_drive_users_describe_in (proc, sys, folders, devices);
  g_test_message ("%s", text);
  g_assert_null (strstr (text, "wrong"));
  for (gsize i = 0; i < G_N_ELEMENTS (users); i++)
    if (users[i].name != NULL)
      {
        g_autofree char *expected
            = g_strdup_printf ("“%s” (process %.2s)", users[i].name, users[i].link);

        g_assert_nonnull (strstr (text, expected));
      }
  g_assert_nonnull (strstr (text, "“/dev/loop3” (made of “/media/a/disc.iso”)"));
  g_assert_null (valise_drive_users_describe_in (proc, sys, none, none));
  /* Never itself, though it stands there. */
  own = valise_drive_users_describe (mine, none);
  g_assert_true (own == NULL || strstr (own, "test-drive-lease") == NULL);
}

/* ---- a device of the kernel's ---- */

typedef struct
{
  int fd;
  char *path;
  guint64 number;
} Loop;

static gboolean
loop_init (Loop *loop, const char *file)
{
  int control = open ("/dev/loop-control", O_RDWR | O_CLOEXEC);
  int backing = open (file, O_RDWR | O_CLOEXEC);

  loop->fd = -1;
  loop->path = NULL;
  for (guint i = 0; control >= 0 && loop->fd < 0 && i < 20; i++)
    {
      int number = ioctl (control, LOOP_CTL_GET_FREE);
      struct stat status;

      g_free (loop->path);
      loop->path = g_strdup_printf ("/dev/loop%d", number);
      loop->fd = open (loop->path, O_RDWR | O_CLOEXEC);
      if (loop->fd < 0)
        break;
      /* Another test may have been faster. */
      if (ioctl (loop->fd, LOOP_SET_FD, backing) == 0 && fstat (loop->fd, &status) == 0)
        loop->number = status.st_rdev;
      else
        {
          close (loop->fd);
          loop->fd = -1;
        }
    }
  if (control >= 0)
    close (control);
  close (backing);
  return loop->fd >= 0;
}

static void
loop_clear (Loop *loop)
{
  if (loop->fd >= 0)
    {
      ioctl (loop->fd, LOOP_CLR_FD, 0);
      close (loop->fd);
    }
  g_free (loop->path);
}

static void
test_kernel (Fixture *f, gconstpointer data)
{
  const guint64 size = 4 * 1024 * 1024;
  const struct
  {
    gint64 more;        /* than the device has */
    guint64 number;     /* as udisks2 says; 0 for the right one */
    gboolean read_only;
    gboolean is_file;   /* what udisks2 opens */
    gboolean held;      /* by somebody else */
    int code;
  } devices[] = {
    { 0, 0, FALSE, FALSE, FALSE, -1 },
    { 512, 0, FALSE, FALSE, FALSE, VALISE_DRIVE_ERROR_REFUSED },
    { 0, 0, TRUE, FALSE, FALSE, VALISE_DRIVE_ERROR_READ_ONLY },
    { 0, 0, FALSE, TRUE, FALSE, VALISE_DRIVE_ERROR_REFUSED },
    { 0, 0, FALSE, FALSE, TRUE, VALISE_DRIVE_ERROR_IN_USE },
    { 0, 0, FALSE, FALSE, FALSE, -1 },
  };
  Loop loop;

  g_assert_cmpint (truncate (f->file, size), ==, 0);
  if (!loop_init (&loop, f->file))
    {
      g_test_skip ("no loop device can be made here");
      loop_clear (&loop);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      const LeaseScript script = {
        .device = loop.path,
        .file = devices[i].is_file ? f->file : loop.path,
        .number = loop.number,
        .size = size + devices[i].more,
        .no_drive = TRUE,
      };
      g_autoptr (LeaseUdisks) udisks
          = lease_udisks_new (g_test_dbus_get_bus_address (f->bus), &script);
      g_autoptr (ValiseDriveLease) lease = NULL;
      g_autoptr (GError) error = NULL;
      int read_only = devices[i].read_only;
      int other = -1;

      g_assert_cmpint (ioctl (loop.fd, BLKROSET, &read_only), ==, 0);
      if (devices[i].held)
        {
          other = open (loop.path, O_RDWR | O_CLOEXEC);
          g_assert_cmpint (flock (other, LOCK_EX), ==, 0);
        }
      lease = acquire (f, NULL, loop.path, 0, NULL, &error);
      g_test_message ("%zu: %s", i, error != NULL ? error->message : "leased");
      if (other >= 0)
        close (other);
      if (devices[i].code >= 0)
        g_assert_error (error, VALISE_DRIVE_ERROR, devices[i].code);
      else
        g_assert_no_error (error);
      g_assert_cmpint (lease != NULL, ==, devices[i].code < 0);
    }
  loop_clear (&loop);
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
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)
  ADD ("/devices/lease/cases", test_cases);
  ADD ("/devices/lease/survey", test_survey);
  ADD ("/devices/lease/link", test_link);
  ADD ("/devices/lease/no-udisks", test_no_udisks);
  ADD ("/devices/lease/descriptors", test_descriptors);
  ADD ("/devices/lease/release", test_release);
  ADD ("/devices/lease/users", test_users);
  ADD ("/devices/lease/kernel", test_kernel);
  return g_test_run ();
}
