/* test-size-check.c: drives that lie about their size, and ones that do not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-size-check.h"
#include "fault-target.h"
#include "test-folder.h"

#define NEVER FAULT_NEVER
#define MIB(n) ((n) * VALISE_MIB)
#define GIB(n) ((n) * VALISE_GIB)

typedef struct
{
  const char *name;
  guint64 claimed;
  guint64 real; /* what is beyond is lost */
  guint64 wrap; /* what is beyond is the beginning */
  guint64 found; /* the size that is to be found; 0 for none */
  int code; /* -1: no fault */
} Case;

static const Case cases[] = {
  /* Sizes as drives have them: of no power of two, of a whole one, of an odd number of sectors. */
  { "honest/tiny", MIB (1), NEVER, NEVER, MIB (1), -1 },
  { "honest/17M", MIB (17), NEVER, NEVER, MIB (17), -1 },
  { "honest/64M", MIB (64), NEVER, NEVER, MIB (64), -1 },
  { "honest/odd", MIB (64) + 512, NEVER, NEVER, MIB (64) + 512, -1 },
  { "honest/15.5G", 15518924800, NEVER, NEVER, 15518924800, -1 },
  { "honest/2T", GIB (2048), NEVER, NEVER, GIB (2048), -1 },
  { "drops/8M-of-64M", MIB (64), MIB (8), NEVER, MIB (8), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "drops/16M-of-64M", MIB (64), MIB (16), NEVER, MIB (16), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "drops/63M-of-64M", MIB (64), MIB (63), NEVER, MIB (63), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "drops/part-of-a-MiB", MIB (64), MIB (40) + 4096 * 3, NEVER, MIB (41),
    VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "drops/7.4G-of-64G", GIB (64), MIB (7578), NEVER, MIB (7578), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "drops/31G-of-2T", GIB (2048), GIB (31), NEVER, GIB (31), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "drops/all", GIB (1), 0, NEVER, 0, VALISE_DRIVE_ERROR_MISMATCH },
  { "wraps/1M-of-64M", MIB (64), NEVER, MIB (1), MIB (16), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "wraps/16M-of-64M", MIB (64), NEVER, MIB (16), MIB (16), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "wraps/32M-of-64M", MIB (64), NEVER, MIB (32), MIB (32), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "wraps/8G-of-60G", GIB (60), NEVER, GIB (8), GIB (8), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "wraps/32G-of-2T", GIB (2048), NEVER, GIB (32), GIB (32), VALISE_DRIVE_ERROR_FALSE_SIZE },
  { "wraps/24G-of-60G", GIB (60), NEVER, GIB (24), GIB (24), VALISE_DRIVE_ERROR_FALSE_SIZE },
};

/* Nothing but zeros is left. */
static void
assert_zero (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  g_autofree guint8 *bytes = g_malloc (65536);
  off_t at = 0;

  g_assert_cmpint (fd, >=, 0);
  while ((at = lseek (fd, at, SEEK_DATA)) >= 0)
    {
      gssize n = pread (fd, bytes, 65536, at);

      g_assert_cmpint (n, >, 0);
      for (gssize i = 0; i < n; i++)
        g_assert_cmpuint (bytes[i], ==, 0);
      at += n;
    }
  close (fd);
}

static gboolean
check (FaultPlan *plan, guint64 size, guint64 *found, GError **error)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = make_drive (folder, "drive", size, 0);
  g_autoptr (ValiseTarget) target = fault_target_new (path, plan);
  gboolean ok = valise_target_check_size (target, found, error);

  assert_zero (path);
  valise_remove_tree (folder);
  return ok;
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GError) error = NULL;
  FaultPlan plan;
  guint64 found;
  gboolean ok;

  fault_plan_init (&plan);
  plan.real_size = c->real;
  plan.wrap_size = c->wrap;
  ok = check (&plan, c->claimed, &found, &error);
  g_assert_cmpuint (found, ==, c->found);
  /* Quick: 20 places on a drive of 2 TiB, each written, read, and wiped. */
  g_assert_cmpint (plan.n_operations, <=, c->code < 0 ? 60 : 160);
  if (c->code < 0)
    {
      g_assert_no_error (error);
      g_assert_true (ok);
      return;
    }
  g_assert_false (ok);
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_DRIVE_ERROR, c->code);
  if (c->found > 0)
    {
      g_autofree char *claimed = g_format_size (c->claimed);
      g_autofree char *real = g_format_size (c->found);

      g_assert_nonnull (strstr (error->message, claimed));
      g_assert_nonnull (strstr (error->message, real));
    }
}

static void
test_constant (void)
{
  g_autoptr (GError) error = NULL;
  FaultPlan plan;
  guint64 found;

  fault_plan_init (&plan);
  plan.constant_reads = TRUE;
  g_assert_false (check (&plan, GIB (16), &found, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_assert_cmpuint (found, ==, 0);
}

/* One bad place in the middle is no size, and no counterfeit. */
static void
test_bad_place (void)
{
  g_autoptr (GError) error = NULL;
  FaultPlan plan;
  guint64 found;

  fault_plan_init (&plan);
  plan.flip_byte = MIB (32) + 7;
  g_assert_false (check (&plan, GIB (16), &found, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_assert_cmpuint (found, ==, 0);
}

/* A drive that says what is wrong is believed. */
static void
test_says_so (void)
{
  const int codes[]
      = { VALISE_DRIVE_ERROR_WRITE, VALISE_DRIVE_ERROR_READ, VALISE_DRIVE_ERROR_FLUSH };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (GError) error = NULL;
      FaultPlan plan;

      fault_plan_init (&plan);
      if (i == 0)
        plan.write_bytes = 0;
      else if (i == 1)
        plan.read_from = MIB (100);
      else
        plan.flush_errno = EIO;
      g_assert_false (check (&plan, GIB (16), NULL, &error));
      g_assert_true (error->domain == VALISE_DRIVE_ERROR);
      g_assert_cmpint (error->code, ==, codes[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/size-check/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/engine/size-check/constant", test_constant);
  g_test_add_func ("/engine/size-check/bad-place", test_bad_place);
  g_test_add_func ("/engine/size-check/says-so", test_says_so);
  return g_test_run ();
}
