/* test-target.c: drives and files are opened exclusively, used directly, and fail in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-target.h"
#include "fault-target.h"
#include "test-folder.h"

#define SIZE (8 * VALISE_MIB + 512)

typedef struct
{
  char *folder;
  char *drive;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = make_folder ();
  f->drive = make_drive (f->folder, "drive", SIZE, 0xee);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  valise_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->drive);
}

static void
fill (guint8 *bytes, gsize size, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  for (gsize i = 0; i < size; i += 4)
    {
      guint32 value = g_rand_int (rand);

      memcpy (bytes + i, &value, MIN (4, size - i));
    }
}

static void
assert_refused (const char *path, GQuark domain, int code, const char *word)
{
  g_autoptr (GError) error = NULL;
  ValiseTarget *target = valise_target_open (path, &error);

  g_assert_null (target);
  g_assert_error (error, domain, code);
  if (strstr (error->message, word) == NULL)
    g_error ("no “%s” in “%s”", word, error->message);
}

static void
test_open (Fixture *f, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (f->folder, "missing", NULL);
  g_autofree char *below = g_build_filename (f->drive, "below", NULL);
  g_autofree char *fifo = g_build_filename (f->folder, "fifo", NULL);
  g_autofree char *link = g_build_filename (f->folder, "link", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = NULL;
  int fd;

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink ("drive", link), ==, 0);
  assert_refused (missing, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED, "missing");
  assert_refused (below, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED, "below");
  assert_refused (f->folder, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED, "neither");
  assert_refused (fifo, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED, "neither");
  assert_refused ("/dev/null", VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED, "neither");

  target = valise_target_open (link, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (valise_target_get_size (target), ==, SIZE);
  g_assert_cmpuint (valise_target_get_sector_size (target), ==, 512);
  g_assert_false (valise_target_is_block_device (target));
  g_assert_cmpstr (valise_target_get_name (target), ==, link);
  assert_refused (f->drive, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE, "in use");
  g_assert_null (valise_target_open_for_reading (f->drive, NULL));
  g_clear_pointer (&target, valise_target_free);

  /* Descriptors of others. */
  fd = open (f->drive, O_RDONLY | O_CLOEXEC);
  g_assert_null (valise_target_new_for_fd (fd, "given", &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ_ONLY);
  g_clear_error (&error);
  fd = open (f->drive, O_RDWR | O_CLOEXEC);
  target = valise_target_new_for_fd (fd, "given", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_target_get_name (target), ==, "given");
}

static void
test_open_new (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "new", NULL);
  g_autofree char *huge = g_build_filename (f->folder, "huge", NULL);
  g_autofree char *lost = g_build_filename (f->folder, "no", "such", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = valise_target_open_new (path, 64 * VALISE_GIB, &error);
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpuint (valise_target_get_size (target), ==, 64 * VALISE_GIB);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_blocks * 512, <, VALISE_MIB);
  assert_refused (path, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE, "in use");

  g_assert_null (valise_target_open_new (path, VALISE_MIB, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (valise_target_open_new (lost, VALISE_MIB, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
  g_clear_error (&error);
  /* What cannot be made is not left behind. */
  g_assert_null (valise_target_open_new (huge, G_MAXUINT64 / 512 * 512, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
  g_assert_false (g_file_test (huge, G_FILE_TEST_EXISTS));
}

/* Two processes: the second one is told, and may have it when the first one is gone. */
static void
test_two_processes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = NULL;
  int ready[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      if (valise_target_open (f->drive, NULL) == NULL || write (ready[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  assert_refused (f->drive, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE, "in use");
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  close (ready[0]);
  target = valise_target_open (f->drive, &error);
  g_assert_no_error (error);
}

/* Whether the descriptor that this process has of @path goes past the system's cache. */
static gboolean
is_direct (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *to = g_file_read_link (link, NULL);

      if (g_strcmp0 (to, path) == 0)
        return (fcntl (atoi (name), F_GETFL) & O_DIRECT) != 0;
    }
  g_assert_not_reached ();
}

static void
round_trip (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = valise_target_open (path, &error);
  g_autoptr (ValiseBuffer) one = valise_buffer_new (VALISE_MIB);
  g_autoptr (ValiseBuffer) two = valise_buffer_new (VALISE_MIB);
  g_autofree guint8 *expected = g_malloc (SIZE);
  g_autofree guint8 *found = g_malloc (SIZE);
  ValiseTargetCounts counts;
  ValiseWritePart parts[] = {
    { one, 4096, 64 * VALISE_KIB },
    { two, 0, VALISE_MIB },
    { one, 128 * VALISE_KIB, 4096 },
  };
  const gsize vector_size = VALISE_MIB + 68 * VALISE_KIB;

  g_assert_no_error (error);
  memset (expected, 0xee, SIZE);
  fill (one->data, one->size, 1);
  fill (two->data, two->size, 2);

  g_assert_true (valise_target_write (target, 4096, parts, G_N_ELEMENTS (parts), &error));
  memcpy (expected + 4096, one->data + 4096, 64 * VALISE_KIB);
  memcpy (expected + 68 * VALISE_KIB, two->data, VALISE_MIB);
  memcpy (expected + 68 * VALISE_KIB + VALISE_MIB, one->data + 128 * VALISE_KIB, 4096);

  /* Memory that is not aligned, more than goes through at once, up to the last sector. */
  fill (expected + 5 * VALISE_MIB + 512, SIZE - 5 * VALISE_MIB - 512, 3);
  memcpy (found + 7, expected + 5 * VALISE_MIB + 512, SIZE - 5 * VALISE_MIB - 512);
  g_assert_true (valise_target_write_full (target, 5 * VALISE_MIB + 512, found + 7,
                                           SIZE - 5 * VALISE_MIB - 512, &error));
  valise_target_get_counts (target, &counts);
  g_assert_cmpuint (counts.bytes_written, ==, vector_size + SIZE - 5 * VALISE_MIB - 512);
  g_assert_true (valise_target_flush (target, &error));
  valise_target_drop_caches (target);

  memset (found, 0, SIZE);
  g_assert_true (valise_target_read_full (target, 0, found, SIZE, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (found, SIZE, expected, SIZE);
  valise_target_get_counts (target, &counts);
  g_assert_cmpuint (counts.bytes_read, ==, SIZE);
  read_drive (path, 0, found, SIZE);
  g_assert_cmpmem (found, SIZE, expected, SIZE);

  /* Not a byte beyond the end. */
  g_assert_false (valise_target_write_full (target, SIZE - 512, found, 1024, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (
      valise_target_read_full (target, G_MAXUINT64 / 512 * 512, found, 1024, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);

  valise_target_discard (target, 0, G_MAXUINT64 / 512 * 512);
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *found = g_malloc (SIZE);

  round_trip (f->drive);
  read_drive (f->drive, 0, found, SIZE);
  for (gsize i = 0; i < SIZE; i++)
    g_assert_cmpuint (found[i], ==, 0); /* discarded */
}

static void
test_direct (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = NULL;
  int fd = open (f->drive, O_RDWR | O_DIRECT | O_CLOEXEC);

  if (fd < 0)
    {
      g_test_skip ("no O_DIRECT on the file system of this folder");
      return;
    }
  close (fd);
  target = valise_target_open (f->drive, &error);
  g_assert_no_error (error);
  g_assert_true (is_direct (f->drive));
}

/* tmpfs takes O_DIRECT from Linux 6.6 on only; before, this is the fallback. */
static void
test_tmpfs (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_strdup ("/dev/shm/engine-XXXXXX");
  g_autofree char *path = NULL;

  if (g_mkdtemp (folder) == NULL)
    {
      g_test_skip ("no /dev/shm to write to");
      return;
    }
  path = make_drive (folder, "drive", SIZE, 0xee);
  round_trip (path);
  valise_remove_tree (folder);
}

/* ---- faults ---- */

typedef struct
{
  const char *name;
  guint64 write_bytes, write_from;
  int write_errno;
  guint64 vanish_at;
  gboolean vanish_quietly;
  int flush_errno;
  guint64 read_from;
  gboolean is_file;
  int code; /* what comes out */
  guint64 bytes; /* … and how many bytes had been taken */
  const char *words;
} FaultCase;

#define NEVER FAULT_NEVER
static const FaultCase fault_cases[] = {
  { "first", 0, NEVER, EIO, NEVER, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_WRITE, 0, "at byte 0:" },
  { "middle", 5 * VALISE_MIB + 512, NEVER, EIO, NEVER, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_WRITE,
    5 * VALISE_MIB + 512, "at byte 5243392:" },
  { "last", SIZE - 1, NEVER, EIO, NEVER, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_WRITE, SIZE - 1,
    "Input/output error" },
  { "timeout", VALISE_MIB, NEVER, ETIMEDOUT, NEVER, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_WRITE,
    VALISE_MIB, "Try another port" },
  { "full", NEVER, 3 * VALISE_MIB, ENOSPC, NEVER, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_WRITE,
    3 * VALISE_MIB, "smaller than it says" },
  { "full-file", NEVER, 3 * VALISE_MIB, ENOSPC, NEVER, 0, 0, NEVER, TRUE,
    VALISE_DRIVE_ERROR_WRITE, 3 * VALISE_MIB, "Make space" },
  { "quota", NEVER, 3 * VALISE_MIB, EDQUOT, NEVER, 0, 0, NEVER, TRUE, VALISE_DRIVE_ERROR_WRITE,
    3 * VALISE_MIB, "Make space" },
  { "gone", NEVER, NEVER, 0, 3, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_VANISHED, 3 * VALISE_MIB,
    "disconnected while it was being written (at byte 3145728)" },
  { "gone-quietly", NEVER, NEVER, 0, 3, TRUE, 0, NEVER, 0, VALISE_DRIVE_ERROR_VANISHED,
    3 * VALISE_MIB, "disconnected" },
  { "gone-full", NEVER, NEVER, ENOSPC, 3, TRUE, 0, NEVER, 0, VALISE_DRIVE_ERROR_VANISHED,
    3 * VALISE_MIB, "disconnected while it was being written (at byte 3145728)" },
  { "gone-at-flush", NEVER, NEVER, 0, 9, TRUE, 0, NEVER, 0, VALISE_DRIVE_ERROR_VANISHED, SIZE,
    "before it had stored" },
  { "flush", NEVER, NEVER, 0, NEVER, 0, EIO, NEVER, 0, VALISE_DRIVE_ERROR_FLUSH, SIZE,
    "did not store everything" },
  { "gone-at-read", NEVER, NEVER, 0, 10, 0, 0, NEVER, 0, VALISE_DRIVE_ERROR_VANISHED, SIZE,
    "disconnected while it was being read" },
  { "read", NEVER, NEVER, 0, NEVER, 0, 0, 2 * VALISE_MIB, 0, VALISE_DRIVE_ERROR_READ, SIZE,
    "could not be read at byte 2097152: Input/output error" },
};

static gboolean
use (ValiseTarget *target, guint8 *bytes, GError **error)
{
  for (guint64 at = 0; at < SIZE; at += VALISE_MIB)
    if (!valise_target_write_full (target, at, bytes + at, MIN (VALISE_MIB, SIZE - at), error))
      return FALSE;
  if (!valise_target_flush (target, error))
    return FALSE;
  for (guint64 at = 0; at < SIZE; at += VALISE_MIB)
    if (!valise_target_read_full (target, at, bytes + at, MIN (VALISE_MIB, SIZE - at), error))
      return FALSE;
  return TRUE;
}

static void
test_fault (Fixture *f, gconstpointer data)
{
  const FaultCase *c = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = NULL;
  g_autofree guint8 *bytes = g_malloc (SIZE);
  ValiseTargetCounts counts;
  FaultPlan plan;

  fault_plan_init (&plan);
  plan.write_bytes = c->write_bytes;
  plan.write_from = c->write_from;
  plan.write_errno = c->write_errno;
  plan.vanish_at = c->vanish_at;
  plan.vanish_quietly = c->vanish_quietly;
  plan.vanish_errno = c->write_errno;
  plan.flush_errno = c->flush_errno;
  plan.read_from = c->read_from;
  plan.is_file = c->is_file;
  target = fault_target_new (f->drive, &plan);
  fill (bytes, SIZE, 7);
  g_assert_false (use (target, bytes, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, c->code);
  if (strstr (error->message, c->words) == NULL || strstr (error->message, "“drive”") == NULL)
    g_error ("no “%s” in “%s”", c->words, error->message);
  valise_target_get_counts (target, &counts);
  g_assert_cmpuint (counts.bytes_written, ==, VALISE_ROUND_DOWN (c->bytes, 512));
}

static void
test_short (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseTarget) target = NULL;
  g_autoptr (ValiseBuffer) buffer = valise_buffer_new (VALISE_MIB);
  g_autofree guint8 *bytes = g_malloc (SIZE);
  g_autofree guint8 *found = g_malloc (SIZE);
  ValiseWritePart parts[VALISE_WRITE_MAX_PARTS];
  FaultPlan plan;

  fault_plan_init (&plan);
  plan.max_write = 512 * 7;
  plan.interrupt_every = 3;
  target = fault_target_new (f->drive, &plan);
  fill (bytes, SIZE, 11);
  memcpy (found, bytes, SIZE);
  g_assert_true (use (target, found, &error));
  g_assert_no_error (error);
  read_drive (f->drive, 0, found, SIZE);
  g_assert_cmpmem (found, SIZE, bytes, SIZE);

  /* Parts that end within what is taken at once. */
  memcpy (buffer->data, bytes, buffer->size);
  for (guint i = 0; i < VALISE_WRITE_MAX_PARTS; i++)
    parts[i] = (ValiseWritePart){ buffer, (15 - i) * 64 * VALISE_KIB, 4096 * (i + 1) };
  g_assert_true (valise_target_write (target, 512, parts, VALISE_WRITE_MAX_PARTS, &error));
  read_drive (f->drive, 512, found, SIZE - 512);
  for (guint i = 0, at = 0; i < VALISE_WRITE_MAX_PARTS; at += parts[i++].size)
    g_assert_cmpmem (found + at, parts[i].size, bytes + parts[i].start, parts[i].size);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/engine/target/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("open", test_open);
  ADD ("open-new", test_open_new);
  ADD ("two-processes", test_two_processes);
  ADD ("round-trip", test_round_trip);
  ADD ("direct", test_direct);
  ADD ("tmpfs", test_tmpfs);
  ADD ("short", test_short);
  for (guint i = 0; i < G_N_ELEMENTS (fault_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/target/fault/", fault_cases[i].name, NULL);

      g_test_add (path, Fixture, &fault_cases[i], set_up, test_fault, tear_down);
    }
  return g_test_run ();
}
