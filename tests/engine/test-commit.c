/* test-commit.c: a drive is blank, or it is finished, and other people's programs agree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-commit.h"
#include "fault-target.h"
#include "test-folder.h"
#include "volume/test-tools.h"

/* An odd number of sectors, as sticks have them. */
#define SIZE (1100 * VALISE_MIB + 7 * 512)

typedef struct
{
  ValiseScratch *scratch;
  char *drive;
  FaultPlan plan;
  ValiseLayout layout;
  ValiseStagedTable *table;
  guint64 boundaries[VALISE_MAX_BOUNDARIES];
  guint n_boundaries;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->scratch = valise_scratch_new (&error);
  g_assert_no_error (error);
  f->drive = make_drive (valise_scratch_get_path (f->scratch), "drive", SIZE, 0);
  fault_plan_init (&f->plan);
  valise_layout_init_gpt (&f->layout, SIZE, 512, 0, &error);
  g_assert_no_error (error);
  f->table = valise_staging_make_table (f->scratch, "table", &f->layout, &error);
  g_assert_no_error (error);
  f->n_boundaries = valise_layout_list_boundaries (&f->layout, f->boundaries);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  valise_staged_table_free (f->table);
  valise_scratch_free (f->scratch);
  g_free (f->drive);
}

/* Copies what a staged file holds, and not its holes, to its place on the drive. */
static void
put_file (Fixture *f, const char *path, guint64 offset)
{
  g_autofree guint8 *bytes = g_malloc (VALISE_MIB);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  off_t at = 0;

  g_assert_cmpint (fd, >=, 0);
  while ((at = lseek (fd, at, SEEK_DATA)) >= 0)
    {
      off_t end = lseek (fd, at, SEEK_HOLE);
      gsize n = MIN ((guint64)(end - at), VALISE_MIB);

      g_assert_cmpint (pread (fd, bytes, n, at), ==, n);
      write_drive (f->drive, offset + at, bytes, n);
      at += n;
    }
  close (fd);
}

/* A drive full of things that others know: what a finished drive holds, and more. */
static void
put_file_systems (Fixture *f)
{
  const ValisePartition *esp = valise_layout_find (&f->layout, VALISE_PARTITION_ESP);
  const ValisePartition *os = valise_layout_find (&f->layout, VALISE_PARTITION_OS);
  g_autoptr (GError) error = NULL;
  g_autofree char *esp_file = valise_staging_make_esp (f->scratch, "esp", esp, &error);
  g_autofree char *os_file = NULL;

  g_assert_no_error (error);
  os_file = valise_staging_make_ntfs (f->scratch, "os", os, "Windows", NULL, &error);
  g_assert_no_error (error);
  put_file (f, esp_file, esp->offset);
  put_file (f, os_file, os->offset);
}

static char *
blkid (Fixture *f, guint64 offset, guint64 size)
{
  g_autofree char *at = g_strdup_printf ("%" G_GUINT64_FORMAT, offset);
  g_autofree char *n = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  g_autofree char *command = g_strdup_printf (
      "blkid -p -O %s -S %s -o export '%s' || test $? = 2", at, n, f->drive);

  return run_tool ("sh", "-c", command, NULL);
}

/* No table, no backup of one, no file system: on the drive and where its partitions would be. */
static void
assert_blank (Fixture *f)
{
  g_autofree char *whole = blkid (f, 0, SIZE);
  g_autofree char *table = run_tool ("sgdisk", "-p", f->drive, NULL);

  g_assert_cmpstr (whole, ==, "");
  g_assert_nonnull (strstr (table, "Creating new GPT entries in memory"));
  g_assert_null (g_strrstr (table, "EFI system partition"));
  for (guint i = 0; i < f->layout.n_partitions; i++)
    {
      g_autofree char *found
          = blkid (f, f->layout.partitions[i].offset, f->layout.partitions[i].size);

      g_assert_cmpstr (found, ==, "");
    }
}

/* Weaker: nothing that a kernel or firmware takes for a table. sgdisk may still find the backup. */
static gboolean
has_table (Fixture *f)
{
  g_autofree char *whole = blkid (f, 0, SIZE);

  return strstr (whole, "PTTYPE=") != NULL;
}

static void
assert_finished (Fixture *f)
{
  g_autofree char *verified = run_tool ("sgdisk", "-v", f->drive, NULL);
  g_autofree char *whole = blkid (f, 0, SIZE);
  g_autofree char *table = run_tool ("sgdisk", "-p", f->drive, NULL);

  g_assert_nonnull (strstr (verified, "No problems found"));
  assert_field (whole, "PTTYPE", "gpt");
  assert_field (whole, "PTUUID", f->table->disk_guid);
  g_assert_nonnull (strstr (table, "EFI system partition"));
}

typedef gboolean (*Blank) (ValiseTarget *, const guint64 *, guint, GError **);

static gboolean
blank (ValiseTarget *target, const guint64 *boundaries, guint n_boundaries, GError **error)
{
  return valise_target_blank (target, boundaries, n_boundaries, NULL, error);
}

/* What is wanted no more when it begins. */
static gboolean
blank_cancelled (ValiseTarget *target,
                 const guint64 *boundaries,
                 guint n_boundaries,
                 GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) cancelled = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      valise_target_blank (target, boundaries, n_boundaries, cancellable, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return valise_target_blank_again (target, boundaries, n_boundaries, error);
}

/* All ways to blank a drive undo all that a job puts there. */
static void
test_blank (Fixture *f, gconstpointer data)
{
  const Blank function = data;
  const ValisePartition *os = valise_layout_find (&f->layout, VALISE_PARTITION_OS);
  g_autoptr (ValiseTarget) target = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;
  guint8 sector[512];

  put_file_systems (f);
  target = fault_target_new (f->drive, &f->plan);
  g_assert_true (valise_target_commit (target, f->table, f->boundaries, f->n_boundaries, NULL,
                                       &error));
  g_assert_no_error (error);
  assert_finished (f);
  found = blkid (f, os->offset, os->size);
  assert_field (found, "TYPE", "ntfs");
  read_drive (f->drive, os->offset + os->size - 512, sector, 512);
  g_assert_cmpmem (sector + 3, 4, "NTFS", 4);

  g_assert_true (function (target, f->boundaries, f->n_boundaries, &error));
  g_assert_no_error (error);
  assert_blank (f);

  /* NTFS keeps a copy of its boot sector in the partition's last one. */
  read_drive (f->drive, os->offset + os->size - 512, sector, 512);
  for (guint i = 0; i < 512; i++)
    g_assert_cmpuint (sector[i], ==, 0);
}

/* Things that others put on whole drives. */
static void
test_blank_foreign (Fixture *f, gconstpointer data)
{
  const Blank function = data;
  static const char *const commands[] = {
    "mkntfs -q -F -Q -s 512 -p 0 -H 0 -S 0",
    "mkfs.fat -F 32 -I",
    "sgdisk -n 1:2048:+10M -n 2:0:+10M",
    "echo 'label: dos\nstart=63, size=20000, type=7, bootable' | sfdisk -q",
    "mkswap",
    "mkfs.ext4 -q -F",
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *command = g_strconcat (commands[i], " '", f->drive, "'", NULL);
      g_autofree char *out = run_tool ("sh", "-c", command, NULL);
      g_autofree char *before = blkid (f, 0, SIZE);
      g_autoptr (ValiseTarget) target = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (before, !=, "");
      target = valise_target_open (f->drive, &error);
      g_assert_no_error (error);
      g_assert_true (function (target, f->boundaries, f->n_boundaries, &error));
      g_assert_no_error (error);
      assert_blank (f);
    }
}

/* ---- faults ---- */

typedef struct
{
  const char *name;
  guint64 vanish_at;
  guint64 flip_byte;
  int flush_errno;
  int code;
} FaultCase;

static const FaultCase fault_cases[] = {
  /* A wrong bit in the header, the entries, behind them, and in the backup. */
  { "flip-mbr", FAULT_NEVER, 510, 0, VALISE_DRIVE_ERROR_MISMATCH },
  { "flip-header", FAULT_NEVER, 520, 0, VALISE_DRIVE_ERROR_MISMATCH },
  { "flip-entries", FAULT_NEVER, 4096 + 3, 0, VALISE_DRIVE_ERROR_MISMATCH },
  { "flip-backup", FAULT_NEVER, SIZE - 512, 0, VALISE_DRIVE_ERROR_MISMATCH },
  { "flush", FAULT_NEVER, FAULT_NEVER, EIO, VALISE_DRIVE_ERROR_FLUSH },
};

static void
test_fault (Fixture *f, gconstpointer data)
{
  const FaultCase *c = data;
  g_autoptr (ValiseTarget) target = NULL;
  g_autoptr (GError) error = NULL;

  put_file_systems (f);
  f->plan.flip_byte = c->flip_byte;
  f->plan.flush_errno = c->flush_errno;
  target = fault_target_new (f->drive, &f->plan);
  g_assert_false (valise_target_commit (target, f->table, f->boundaries, f->n_boundaries, NULL,
                                        &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, c->code);
  g_assert_nonnull (strstr (error->message, c->flush_errno == 0 ? "was made blank again"
                                                                : "could not be made blank"));
  assert_blank (f);
}

/* The drive is pulled out at each operation: it never has a table. */
static void
test_vanish (Fixture *f, gconstpointer data)
{
  gboolean finished = FALSE;
  guint n;

  for (n = 0; !finished; n++)
    {
      g_autoptr (ValiseTarget) target = fault_target_new (f->drive, &f->plan);
      g_autoptr (GError) error = NULL;

      f->plan.n_operations = 0;
      f->plan.vanish_at = FAULT_NEVER;
      g_assert_true (valise_target_blank (target, f->boundaries, f->n_boundaries, NULL, NULL));
      f->plan.n_operations = 0;
      f->plan.vanish_at = n;
      f->plan.vanish_quietly = n % 2;
      finished = valise_target_commit (target, f->table, f->boundaries, f->n_boundaries, NULL,
                                       &error);
      if (finished)
        break;
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED);
      g_assert_nonnull (strstr (error->message, "could not be made blank"));
      /* Once the last write is on the drive, nobody can take it back: only then is it there. */
      g_assert_cmpint (has_table (f), ==, f->plan.n_writes >= 3 && n > 6);
      f->plan.n_writes = 0;
    }
  g_assert_cmpuint (n, ==, 9); /* three times written, flushed, read */
  assert_finished (f);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseTarget) target = fault_target_new (f->drive, &f->plan);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  put_file_systems (f);
  g_cancellable_cancel (cancellable);
  g_assert_false (valise_target_commit (target, f->table, f->boundaries, f->n_boundaries,
                                        cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (strstr (error->message, "was made blank again"));
  assert_blank (f);
}

/* Where one place cannot be wiped, the others are. */
static void
test_blank_fault (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseTarget) target = NULL;
  g_autoptr (GError) error = NULL;

  put_file_systems (f);
  target = fault_target_new (f->drive, &f->plan);
  g_assert_true (valise_target_commit (target, f->table, f->boundaries, f->n_boundaries, NULL,
                                       NULL));
  f->plan.write_from = 600 * VALISE_MIB; /* the end cannot be written */
  g_assert_false (valise_target_blank (target, f->boundaries, f->n_boundaries, NULL, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
  g_assert_false (has_table (f));
  for (guint i = 0; i < f->layout.n_partitions; i++)
    {
      g_autofree char *found
          = blkid (f, f->layout.partitions[i].offset, f->layout.partitions[i].size);

      g_assert_cmpstr (found, ==, "");
    }
}

/* Killed anywhere on the way from a finished drive through a blank one to a finished one again. */
static void
test_kill (Fixture *f, gconstpointer data)
{
  guint n_finished = 0, n_blank = 0;

  for (guint i = 0; i < 30; i++)
    {
      int status;
      pid_t child = fork ();

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          ValiseTarget *target;

          f->plan.write_delay = 1500;
          target = fault_target_new (f->drive, &f->plan);
          if (!valise_target_blank (target, f->boundaries, f->n_boundaries, NULL, NULL)
              || !valise_target_commit (target, f->table, f->boundaries, f->n_boundaries, NULL,
                                        NULL))
            _exit (1);
          _exit (0);
        }
      g_usleep (i * 1500);
      kill (child, SIGKILL);
      waitpid (child, &status, 0);
      if (WIFEXITED (status))
        g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      /* A table that is there is a whole one, with its backup. */
      if (has_table (f))
        assert_finished (f);
      n_finished += has_table (f);
      n_blank += !has_table (f);
    }
  g_test_message ("finished: %u, blank: %u", n_finished, n_blank);
  g_assert_cmpuint (n_finished, >, 0);
  g_assert_cmpuint (n_blank, >, 5);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = g_strconcat (g_getenv ("PATH"), ":/usr/sbin:/sbin", NULL);

  g_setenv ("PATH", path, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/engine/commit/" name, Fixture, NULL, set_up, function, tear_down)
  g_test_add ("/engine/commit/blank", Fixture, blank, set_up, test_blank, tear_down);
  g_test_add ("/engine/commit/blank-again", Fixture, valise_target_blank_again, set_up, test_blank,
              tear_down);
  g_test_add ("/engine/commit/blank-cancelled", Fixture, blank_cancelled, set_up, test_blank,
              tear_down);
  g_test_add ("/engine/commit/blank-foreign", Fixture, blank, set_up, test_blank_foreign,
              tear_down);
  g_test_add ("/engine/commit/blank-foreign-cancelled", Fixture, blank_cancelled, set_up,
              test_blank_foreign, tear_down);
  ADD ("blank-fault", test_blank_fault);
  for (guint i = 0; i < G_N_ELEMENTS (fault_cases); i++)
    {
      g_autofree char *name = g_strconcat ("/engine/commit/fault/", fault_cases[i].name, NULL);

      g_test_add (name, Fixture, &fault_cases[i], set_up, test_fault, tear_down);
    }
  ADD ("vanish", test_vanish);
  ADD ("cancel", test_cancel);
  ADD ("kill", test_kill);
  return g_test_run ();
}
