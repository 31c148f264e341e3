/* test-units.c: sizes as people write them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-error.h"
#include "core/valise-units.h"

static void
test_parse_size (void)
{
  static const struct
  {
    const char *text;
    guint64 size; /* 0: refused */
  } cases[] = {
    { "1", 1 },
    { "4096", 4096 },
    { "64K", 65536 },
    { "128M", 128 * VALISE_MIB },
    { "128m", 128 * VALISE_MIB },
    { "64GiB", 64 * VALISE_GIB },
    { "64GB", G_GUINT64_CONSTANT (64000000000) },
    { "2T", 2048 * VALISE_GIB },
    { "", 0 },
    { "0", 0 },
    { "-1", 0 },
    { "+1", 0 },
    { " 1", 0 },
    { "1 G", 0 },
    { "G", 0 },
    { "1X", 0 },
    { "1Gx", 0 },
    { "1GiBs", 0 },
    { "99999999999999999999", 0 },
    { "9999999999T", 0 },
    { "9223372036854775807", G_MAXINT64 },
    { "9223372036854775808", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 size = 0;

      g_test_message ("“%s”", cases[i].text);
      if (cases[i].size > 0)
        {
          g_assert_true (valise_parse_size (cases[i].text, &size, &error));
          g_assert_no_error (error);
          g_assert_cmpuint (size, ==, cases[i].size);
        }
      else
        {
          g_assert_false (valise_parse_size (cases[i].text, &size, &error));
          g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/units/parse-size", test_parse_size);
  return g_test_run ();
}
