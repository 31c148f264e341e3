/* test-drive-list.c: the drives that udisks2 has, whatever the order of its signals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "devices/valise-drive-judge.h"
#include "devices/valise-drive-list.h"
#include "fake-drives.h"

/* Names that no machine has, so that the kernel says nothing of them. */
#define STICK "/dev/sdvalisea"
#define OTHER "/dev/sdvaliseb"

#define PATIENCE (20 * G_TIME_SPAN_SECOND)
#define GIB (1024 * VALISE_MIB)

static GDBusConnection *bus;

typedef struct
{
  FakeDrives *fake;
  ValiseDriveList *list;
  guint n_changes;
} Fixture;

static const FakeDrive stick = {
  .device = STICK,
  .vendor = "Acme",
  .model = "Flash Drive",
  .serial = "AA00112233",
  .size = 32 * GIB,
};

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  ((Fixture *) data)->n_changes++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->fake = fake_drives_new (bus);
  self->list = valise_drive_list_new ();
  g_signal_connect (self->list, "items-changed", G_CALLBACK (changed_cb), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (self->list), (gpointer *) &self->list);
  g_object_unref (self->list);
  /* What is under way ends, and holds the list until then. */
  while (self->list != NULL)
    g_main_context_iteration (NULL, TRUE);
  fake_drives_free (self->fake);
}

static guint
get_n (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->list));
}

static ValiseDrive *
peek (Fixture *self, guint position)
{
  g_autoptr (ValiseDrive) drive = g_list_model_get_item (G_LIST_MODEL (self->list), position);

  g_assert_nonnull (drive);
  return drive;
}

static const ValiseDriveFacts *
facts_at (Fixture *self, guint position)
{
  return valise_drive_get_facts (peek (self, position));
}

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until @condition is true. */
#define WAIT_UNTIL(condition)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 end = g_get_monotonic_time () + PATIENCE;                                               \
    guint wake = g_timeout_add (50, wake_cb, NULL);                                                \
                                                                                                   \
    while (!(condition) && g_get_monotonic_time () < end)                                          \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (wake);                                                                        \
    g_assert_true (condition);                                                                     \
  }                                                                                                \
  G_STMT_END

static void
wait_for (Fixture *self, guint n)
{
  WAIT_UNTIL (valise_drive_list_get_state (self->list) == VALISE_DRIVE_LIST_READY
              && get_n (self) == n);
}

static void
test_facts (Fixture *self, gconstpointer data)
{
  const ValiseDriveFacts *facts;
  const ValiseDrivePart *part;
  g_autofree char *name = NULL;

  g_assert_cmpint (valise_drive_list_get_state (self->list), ==, VALISE_DRIVE_LIST_STARTING);
  fake_drives_add (self->fake, &stick);
  fake_drives_add_part (self->fake, STICK,
                        &(FakePart){ .number = 2, .size = GIB, .type = "ext4", .label = "b" });
  fake_drives_add_part (
      self->fake, STICK,
      &(FakePart){ .number = 1, .size = GIB, .type = "vfat", .label = "KEYS", .mounts = "/a:/b" });
  wait_for (self, 1);
  facts = facts_at (self, 0);
  name = valise_drive_facts_dup_name (facts);
  g_assert_cmpstr (name, ==, "Acme Flash Drive");
  g_assert_cmpstr (facts->device, ==, STICK);
  g_assert_true (facts->id_lasts);
  g_assert_cmpstr (facts->serial, ==, "AA00112233");
  g_assert_cmpstr (facts->bus, ==, "usb");
  g_assert_cmpuint (facts->size, ==, 32 * GIB);
  g_assert_true (facts->removable && facts->ejectable && facts->can_power_off);
  g_assert_true (facts->has_medium && !facts->optical && !facts->read_only);
  g_assert_cmpstr (facts->table, ==, "gpt");
  g_assert_cmpuint (facts->parts->len, ==, 2);
  part = facts->parts->pdata[0];
  g_assert_cmpuint (part->number, ==, 1);
  g_assert_cmpstr (part->type, ==, "vfat");
  g_assert_cmpstr (part->label, ==, "KEYS");
  g_assert_cmpint (part->use, ==, VALISE_DRIVE_USE_MOUNTED);
  g_assert_cmpstr (part->mounts[1], ==, "/b");
  g_assert_cmpuint (((ValiseDrivePart *) facts->parts->pdata[1])->number, ==, 2);
  /* Mounted is no reason to refuse a drive: the lease unmounts it. */
  g_assert_no_error (valise_drive_get_refusal (peek (self, 0)));
  g_assert_true (valise_drive_is_offered (peek (self, 0)));
}

/* Each reason to refuse a drive, and what is only not offered. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  const struct
  {
    FakeDrive drive;
    FakePart part;
    int code;
    const char *words;
    gboolean offered;
  } cases[] = {
    { { .size = GIB }, { 0 }, -1, NULL, TRUE },
    { { .size = GIB, .internal = TRUE, .bus = "" }, { 0 }, -1, NULL, FALSE },
    { { .size = 0, .media = "flash_sd" }, { 0 }, VALISE_DRIVE_ERROR_NO_MEDIUM, "no medium", FALSE },
    { { .size = GIB, .media = "optical_dvd" }, { 0 }, VALISE_DRIVE_ERROR_REFUSED, "discs", FALSE },
    { { .size = GIB, .read_only = TRUE }, { 0 }, VALISE_DRIVE_ERROR_READ_ONLY, "switch", FALSE },
    { { .size = GIB }, { 1, GIB, "ext4", .mounts = "/mnt:/home" }, VALISE_DRIVE_ERROR_REFUSED,
      "“/home”", FALSE },
    { { .size = GIB }, { 0, GIB, "ext4", .mounts = "/" }, VALISE_DRIVE_ERROR_REFUSED, "“/”",
      FALSE },
    { { .size = GIB }, { 1, GIB, "swap", .swap = TRUE }, VALISE_DRIVE_ERROR_REFUSED, "swaps",
      FALSE },
    { { .size = GIB }, { 1, GIB, "linux_raid_member", .raid = "md7" }, VALISE_DRIVE_ERROR_REFUSED,
      "RAID", FALSE },
    { { .size = GIB }, { 1, GIB, "crypto_LUKS", .opened = "/dev/dm-77", .mounts = "/media/x" }, -1,
      NULL, TRUE },
    { { .size = GIB }, { 1, GIB, "crypto_LUKS", .opened = "/dev/dm-78", .mounts = "/usr" },
      VALISE_DRIVE_ERROR_REFUSED, "“/usr”", FALSE },
  };
  gchar device[] = "/dev/sdvalise_";

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FakeDrive drive = cases[i].drive;
      g_autofree char *serial = g_strdup_printf ("%04u", (guint) i);

      device[strlen (device) - 1] = 'a' + i;
      drive.device = device;
      drive.serial = serial;
      fake_drives_add (self->fake, &drive);
      if (cases[i].part.type != NULL)
        fake_drives_add_part (self->fake, device, &cases[i].part);
    }
  wait_for (self, G_N_ELEMENTS (cases));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ValiseDrive *drive = peek (self, i);
      const GError *refusal = valise_drive_get_refusal (drive);

      g_test_message ("case %u: %s", (guint) i, refusal != NULL ? refusal->message : "fine");
      if (cases[i].code < 0)
        g_assert_no_error (refusal);
      else
        {
          g_assert_error (refusal, VALISE_DRIVE_ERROR, cases[i].code);
          g_assert_nonnull (strstr (refusal->message, cases[i].words));
        }
      g_assert_true (valise_drive_is_offered (drive) == cases[i].offered);
    }
}

static void
test_too_small (void)
{
  g_autoptr (ValiseDriveFacts) facts = valise_drive_facts_new ();
  g_autoptr (GError) error = NULL;

  facts->device = g_strdup (STICK);
  facts->size = 8 * GIB;
  g_assert_true (valise_drive_judge_size (facts, 8 * GIB, &error));
  g_assert_no_error (error);
  g_assert_false (valise_drive_judge_size (facts, 8 * GIB + 1, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_assert_nonnull (strstr (error->message, "8589934593"));
}

/* What a loop device, a RAID or an open volume is: not a drive. */
static void
test_no_drives (Fixture *self, gconstpointer data)
{
  FakeDrive lonely = { .device = OTHER, .size = GIB };

  fake_drives_add_block_only (self->fake, &lonely); /* a block device without a drive */
  fake_drives_add (self->fake, &stick);
  fake_drives_add_part (self->fake, STICK,
                        &(FakePart){ .number = 1, .size = GIB, .type = "crypto_LUKS",
                                     .opened = "/dev/dm-77" });
  wait_for (self, 1);
  g_assert_cmpstr (facts_at (self, 0)->device, ==, STICK);
  g_assert_cmpuint (facts_at (self, 0)->parts->len, ==, 2);
  g_assert_true (((ValiseDrivePart *) facts_at (self, 0)->parts->pdata[1])->stacked);
  g_assert_cmpint (((ValiseDrivePart *) facts_at (self, 0)->parts->pdata[0])->use, ==,
                   VALISE_DRIVE_USE_UNLOCKED);
}

/* Pulled out and put in again, under another node: the same object to whoever holds it. */
static void
test_returns (Fixture *self, gconstpointer data)
{
  const FakeRemoval order = GPOINTER_TO_INT (data);
  FakeDrive again = stick;
  g_autoptr (ValiseDrive) held = NULL;

  fake_drives_add (self->fake, &stick);
  wait_for (self, 1);
  held = g_object_ref (peek (self, 0));
  g_assert_true (valise_drive_get_present (held));
  fake_drives_remove (self->fake, STICK, order);
  wait_for (self, 0);
  g_assert_false (valise_drive_get_present (held));
  g_assert_cmpstr (valise_drive_get_facts (held)->device, ==, STICK);

  again.device = OTHER;
  fake_drives_add_block_only (self->fake, &again);
  fake_drives_add_drive_only (self->fake, &again);
  wait_for (self, 1);
  g_assert_true (peek (self, 0) == held);
  g_assert_true (valise_drive_get_present (held));
  g_assert_cmpstr (valise_drive_get_facts (held)->device, ==, OTHER);
}

/* One that does not say which it is, is another one each time. */
static void
test_nameless (Fixture *self, gconstpointer data)
{
  FakeDrive nameless = { .device = STICK, .size = GIB };
  g_autoptr (ValiseDrive) held = NULL;

  fake_drives_add (self->fake, &nameless);
  wait_for (self, 1);
  held = g_object_ref (peek (self, 0));
  g_assert_false (facts_at (self, 0)->id_lasts);
  fake_drives_remove (self->fake, STICK, FAKE_REMOVE_BLOCK_FIRST);
  wait_for (self, 0);
  fake_drives_add (self->fake, &nameless);
  wait_for (self, 1);
  g_assert_true (peek (self, 0) != held);
  g_assert_false (valise_drive_get_present (held));
}

/* Two with the same serial number, which share a drive object: two drives all the same. */
static void
test_twins (Fixture *self, gconstpointer data)
{
  FakeDrive twin = stick;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDrive) found = NULL;

  twin.device = OTHER;
  fake_drives_add (self->fake, &stick);
  fake_drives_add (self->fake, &twin);
  wait_for (self, 2);
  g_assert_cmpstr (facts_at (self, 0)->id, !=, facts_at (self, 1)->id);
  g_assert_false (facts_at (self, 0)->id_lasts || facts_at (self, 1)->id_lasts);

  g_assert_null (valise_drive_list_resolve (self->list, "AA00112233", &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, STICK));
  g_assert_nonnull (strstr (error->message, OTHER));
  g_clear_error (&error);
  found = valise_drive_list_resolve (self->list, OTHER, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_drive_get_facts (found)->device, ==, OTHER);
}

/* Of sticks with one serial number, one stays itself when the other is pulled out. */
static void
test_twins_leave (Fixture *self, gconstpointer data)
{
  FakeDrive twin = stick;
  g_autoptr (ValiseDrive) stays = NULL;
  g_autoptr (ValiseDrive) leaves = NULL;

  twin.device = OTHER;
  fake_drives_add (self->fake, &stick);
  fake_drives_add (self->fake, &twin);
  wait_for (self, 2);
  stays = valise_drive_list_resolve (self->list, STICK, NULL);
  leaves = valise_drive_list_resolve (self->list, OTHER, NULL);
  fake_drives_remove (self->fake, OTHER, FAKE_REMOVE_BLOCK_FIRST);
  wait_for (self, 1);
  g_assert_true (peek (self, 0) == stays);
  g_assert_true (valise_drive_get_present (stays));
  g_assert_false (valise_drive_get_present (leaves));
}

static void
test_resolve (Fixture *self, gconstpointer data)
{
  static const char *const names[]
      = { STICK, "/dev/disk/by-id/fake-sdvalisea", "AA00112233", "Flash Drive", "Acme Flash Drive",
          "usb:Acme:Flash Drive:AA00112233:" };

  fake_drives_add (self->fake, &stick);
  wait_for (self, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseDrive) found = valise_drive_list_resolve (self->list, names[i], &error);

      g_assert_no_error (error);
      g_assert_true (found == peek (self, 0));
    }
  g_assert_null (valise_drive_list_resolve (self->list, "Flash", NULL));
}

/* A card comes and goes while the reader stays. */
static void
test_medium (Fixture *self, gconstpointer data)
{
  FakeDrive reader = stick;
  g_autoptr (ValiseDrive) held = NULL;

  reader.size = 0;
  reader.media = "flash_sd";
  fake_drives_add (self->fake, &reader);
  wait_for (self, 1);
  held = g_object_ref (peek (self, 0));
  g_assert_error (valise_drive_get_refusal (held), VALISE_DRIVE_ERROR,
                  VALISE_DRIVE_ERROR_NO_MEDIUM);
  fake_drives_set_medium (self->fake, STICK, 16 * GIB);
  WAIT_UNTIL (valise_drive_get_facts (held)->size == 16 * GIB);
  g_assert_no_error (valise_drive_get_refusal (held));
  fake_drives_set_medium (self->fake, STICK, 0);
  WAIT_UNTIL (!valise_drive_get_facts (held)->has_medium);
  g_assert_true (peek (self, 0) == held);
}

static void
count_cb (ValiseDrive *drive, guint *n)
{
  ++*n;
}

/* A drive that is mounted meanwhile changes; nothing else is told. */
static void
test_changes (Fixture *self, gconstpointer data)
{
  FakeDrive other = stick;
  guint n_stick = 0;
  guint n_other = 0;

  other.device = OTHER;
  other.serial = "BB";
  fake_drives_add (self->fake, &stick);
  fake_drives_add_part (self->fake, STICK, &(FakePart){ .number = 1, .type = "vfat" });
  fake_drives_add (self->fake, &other);
  wait_for (self, 2);
  g_signal_connect (peek (self, 0), "changed", G_CALLBACK (count_cb), &n_stick);
  g_signal_connect (peek (self, 1), "changed", G_CALLBACK (count_cb), &n_other);
  self->n_changes = 0;
  fake_drives_mount (self->fake, STICK, 1, "/media/keys");
  WAIT_UNTIL (n_stick > 0);
  g_assert_cmpuint (n_other, ==, 0);
  g_assert_cmpuint (self->n_changes, ==, 0);
  fake_drives_mount (self->fake, STICK, 1, NULL);
  WAIT_UNTIL (n_stick > 1);
}

/* udisksd ends and is started again; nothing is listed meanwhile, and that is said. */
static void
test_restart (Fixture *self, gconstpointer data)
{
  g_autoptr (ValiseDrive) held = NULL;

  fake_drives_add (self->fake, &stick);
  wait_for (self, 1);
  held = g_object_ref (peek (self, 0));
  fake_drives_serve (self->fake, FALSE);
  WAIT_UNTIL (valise_drive_list_get_state (self->list) == VALISE_DRIVE_LIST_UNAVAILABLE);
  g_assert_cmpuint (get_n (self), ==, 0);
  g_assert_nonnull (strstr (valise_drive_list_get_error (self->list)->message, "udisks2"));
  fake_drives_serve (self->fake, TRUE);
  wait_for (self, 1);
  g_assert_null (valise_drive_list_get_error (self->list));
  g_assert_true (peek (self, 0) == held);
}

/* Many at once, and gone again before they were looked at. */
static void
test_storm (Fixture *self, gconstpointer data)
{
  gchar device[] = "/dev/sdvalise_";

  wait_for (self, 0);
  for (guint round = 0; round < 3; round++)
    for (char c = 'a'; c <= 'l'; c++)
      {
        g_autofree char *serial = g_strdup_printf ("S%c", c);
        FakeDrive drive = { .device = device, .serial = serial, .size = GIB };

        device[strlen (device) - 1] = c;
        fake_drives_add (self->fake, &drive);
        fake_drives_add_part (self->fake, device, &(FakePart){ .number = 1, .type = "ntfs" });
        if (round < 2 || c > 'f')
          fake_drives_remove (self->fake, device, (FakeRemoval) (c % 3));
        g_main_context_iteration (NULL, FALSE);
      }
  wait_for (self, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpuint (facts_at (self, i)->parts->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_autoptr (GTestDBus) dbus = NULL;
  g_autofree char *program = g_find_program_in_path ("dbus-daemon");
  int status;

  g_test_init (&argc, &argv, NULL);
  if (program == NULL)
    {
      g_print ("1..0 # SKIP there is no dbus-daemon\n");
      return 0;
    }
  dbus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (dbus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (dbus), TRUE);
  bus = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (dbus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  g_assert_nonnull (bus);

#define ADD(name, data, func)                                                                      \
  g_test_add ("/devices/drive-list/" name, Fixture, data, set_up, func, tear_down)
  ADD ("facts", NULL, test_facts);
  ADD ("refused", NULL, test_refused);
  ADD ("no-drives", NULL, test_no_drives);
  ADD ("returns/block-first", GINT_TO_POINTER (FAKE_REMOVE_BLOCK_FIRST), test_returns);
  ADD ("returns/drive-first", GINT_TO_POINTER (FAKE_REMOVE_DRIVE_FIRST), test_returns);
  ADD ("nameless", NULL, test_nameless);
  ADD ("twins", NULL, test_twins);
  ADD ("twins-leave", NULL, test_twins_leave);
  ADD ("resolve", NULL, test_resolve);
  ADD ("medium", NULL, test_medium);
  ADD ("changes", NULL, test_changes);
  ADD ("restart", NULL, test_restart);
  ADD ("storm", NULL, test_storm);
  g_test_add_func ("/devices/drive-list/too-small", test_too_small);
  status = g_test_run ();
  g_object_unref (bus);
  g_test_dbus_down (dbus);
  return status;
}
