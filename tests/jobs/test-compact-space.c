/* test-compact-space.c: drives that hold Windows only compressed, and estimates that are wrong.
 *
 * The compressor is wimlib's, behind a function of this program's own, so that it can say of a
 * sample what is not true of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <dlfcn.h>
#include <string.h>
#include <wimlib.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "job-fixture.h"
#include "volume/test-tools.h"

#define N_FILES 24
#define FILE_SIZE (2 * VALISE_MIB)

/* What files that are added to the sample are made of. */
typedef enum
{
  HALF_EMPTY, /* half of each page is empty */
  NOISE,
} Content;

static JobFixture fixture;
static gint is_lying; /* atomic: whether everything seems to become tiny */

size_t
wimlib_compress (const void *data,
                 size_t size,
                 void *packed,
                 size_t packed_size,
                 struct wimlib_compressor *compressor)
{
  __typeof__ (&wimlib_compress) original
      = (__typeof__ (&wimlib_compress)) dlsym (RTLD_NEXT, "wimlib_compress");

  return g_atomic_int_get (&is_lying) != 0
             ? MIN (packed_size, size / 64 + 1)
             : original (data, size, packed, packed_size, compressor);
}

/* Adds files to a folder of the image at @path. They come behind what it has. */
static void
add_files (const char *path, const char *folder, Content content)
{
  g_autofree char *source = g_build_filename (fixture.folder, "added", NULL);
  g_autofree char *command = g_strdup_printf ("add %s %s", source, folder);
  g_autofree guint32 *bytes = g_new0 (guint32, FILE_SIZE / sizeof (guint32));
  g_autoptr (GRand) rand = g_rand_new_with_seed (content + 1);

  g_assert_cmpint (g_mkdir_with_parents (source, 0700), ==, 0);
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%u", source, i);

      for (gsize j = 0; j < FILE_SIZE / sizeof (guint32); j++)
        bytes[j] = content == NOISE || j % 1024 < 512 ? g_rand_int (rand) : 0;
      g_assert_true (g_file_set_contents (name, (const char *) bytes, FILE_SIZE, NULL));
    }
  g_free (run_tool ("wimlib-imagex", "update", path, "1", "--command", command, NULL));
  valise_remove_tree (source);
}

static char *
make_image (const char *name)
{
  char *path = g_build_filename (fixture.folder, name, NULL);

  g_free (run_tool ("cp", fixture.image, path, NULL));
  return path;
}

static void
run (const char *image,
     guint64 size,
     ValiseCompactMode compact,
     FaultPlan *plan,
     JobResult *result)
{
  fixture.compact = compact;
  job_fixture_run (&fixture, image, size, plan, NULL, result);
}

/* How large a drive must be, by what is said of one that is too small. */
static guint64
find_needed (const char *image, ValiseCompactMode compact)
{
  FaultPlan plan;
  JobResult result;
  const char *number;
  guint64 size;

  fault_plan_init (&plan);
  run (image, 128 * VALISE_MIB, compact, &plan, &result);
  g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_assert_cmpuint (plan.bytes_taken, ==, 0);
  number = strchr (result.error->message, '(');
  g_assert_nonnull (number);
  size = g_ascii_strtoull (number + 1, NULL, 10);
  job_result_clear (&result);
  return size;
}

/* Of what is half empty, half is needed; a drive of that size will do, and no smaller one. */
static void
test_only_compressed (void)
{
  g_autofree char *image = make_image ("half-empty.wim");
  guint64 plain;
  guint64 packed;
  FaultPlan plan;
  JobResult result;

  add_files (image, "/added", HALF_EMPTY);
  plain = find_needed (image, VALISE_COMPACT_MODE_OFF);
  packed = find_needed (image, VALISE_COMPACT_MODE_LZX);
  g_assert_cmpuint (find_needed (image, VALISE_COMPACT_MODE_AUTO), ==, plain);
  g_assert_cmpuint (packed, <, plain - N_FILES * FILE_SIZE / 10);
  g_assert_cmpuint (packed, >, plain - N_FILES * FILE_SIZE / 2 - 8 * VALISE_MIB);

  fault_plan_init (&plan);
  run (image, packed, VALISE_COMPACT_MODE_OFF, &plan, &result);
  g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  job_result_clear (&result);
  fault_plan_init (&plan);
  run (image, packed - VALISE_MIB, VALISE_COMPACT_MODE_LZX, &plan, &result);
  g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  job_result_clear (&result);
  fault_plan_init (&plan);
  run (image, packed, VALISE_COMPACT_MODE_LZX, &plan, &result);
  g_assert_no_error (result.error);
  job_fixture_assert_sound (&fixture);
  job_result_clear (&result);
}

/* What is written is not what the sample was. */
static void
stop_lying (FaultPlan *plan, FaultOperation operation)
{
  g_atomic_int_set (&is_lying, FALSE);
}

/* The first files that do not fit are ones that are compressed, or ones that wimlib writes itself,
 * since they must stay plain. */
static void
test_wrong (gconstpointer data)
{
  gboolean is_plain_last = GPOINTER_TO_UINT (data);
  g_autofree char *image = make_image ("noise.wim");
  guint threads = job_count_threads ();
  guint64 size;
  FaultPlan plan;
  JobResult result;

  add_files (image, "/added", NOISE);
  if (is_plain_last)
    add_files (image, "/Boot", HALF_EMPTY);
  size = find_needed (image, VALISE_COMPACT_MODE_OFF) - N_FILES * FILE_SIZE / 4;
  /* Without a lie, it is known before. */
  fault_plan_init (&plan);
  run (image, size, VALISE_COMPACT_MODE_LZX, &plan, &result);
  g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_assert_cmpuint (plan.bytes_taken, ==, 0);
  job_result_clear (&result);

  g_atomic_int_set (&is_lying, TRUE);
  fault_plan_init (&plan);
  plan.before = stop_lying;
  run (image, size, VALISE_COMPACT_MODE_LZX, &plan, &result);
  g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_test_message ("%s", result.error->message);
  g_assert_nonnull (strstr (result.error->message, "than a sample of it has let expect"));
  g_assert_cmpuint (plan.bytes_taken, >, 0);
  g_assert_false (g_atomic_int_get (&is_lying));
  job_result_clear (&result);
  job_fixture_assert_blank (&fixture);
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
  job_assert_threads (threads);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  job_fixture_set_up (&fixture, argv[1]);
  g_test_add_func ("/jobs/compact-space/only-compressed", test_only_compressed);
  g_test_add_data_func ("/jobs/compact-space/wrong", GUINT_TO_POINTER (FALSE), test_wrong);
  g_test_add_data_func ("/jobs/compact-space/wrong-plain", GUINT_TO_POINTER (TRUE), test_wrong);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  return status;
}
