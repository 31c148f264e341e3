/* test-guid.c: GUIDs as text and as bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-guid.h"

/* The mixed forms are what GPT and BCD stores made by Windows hold for these GUIDs. */
static const struct
{
  const char *text;
  const char *mixed;
} pairs[] = {
  { "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    "\x38\x2c\x0f\x8e\xea\xe4\xba\x47\xb7\xfc\x9d\x8c\x74\xdc\xcf\x0b" },
  { "0b2394a9-095e-487d-8d48-719ecd4d78ca",
    "\xa9\x94\x23\x0b\x5e\x09\x7d\x48\x8d\x48\x71\x9e\xcd\x4d\x78\xca" },
  { "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    "\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b" },
};

static void
test_mixed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      ValiseGuid guid, back;
      guint8 mixed[16];

      g_assert_true (valise_guid_parse (pairs[i].text, &guid, &error));
      g_assert_no_error (error);
      valise_guid_to_mixed (&guid, mixed);
      g_assert_cmpmem (mixed, 16, pairs[i].mixed, 16);
      valise_guid_from_mixed (mixed, &back);
      g_assert_true (valise_guid_equal (&guid, &back));
      text = valise_guid_format (&back);
      g_assert_cmpstr (text, ==, pairs[i].text);
      valise_guid_from_mixed (back.bytes, &back); /* in place */
      g_assert_cmpmem (back.bytes, 16, pairs[i].mixed, 16);
    }
}

static void
test_text (void)
{
  static const char *const bad[] = {
    "",
    "{}",
    "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0",
    "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b ",
    "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0g",
    "{8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    "(8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b)",
    "8e0f2c38e4ea47bab7fc9d8c74dccf0b",
    "8e0f2c38e-4ea-47ba-b7fc-9d8c74dccf0b",
    "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf\xc3\xa4",
  };
  g_autofree char *braced = NULL;
  ValiseGuid guid, before;

  g_assert_true (valise_guid_parse ("{8E0F2C38-E4EA-47BA-B7FC-9D8C74DCCF0B}", &guid, NULL));
  braced = valise_guid_format_braced (&guid);
  g_assert_cmpstr (braced, ==, "{8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b}");

  before = guid;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (valise_guid_parse (bad[i], &guid, &error));
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      g_assert_true (valise_guid_equal (&guid, &before));
    }
}

static void
test_random (void)
{
  ValiseGuid a, b;
  guint8 all = 0xff;

  g_assert_true (valise_guid_parse ("00000000-0000-0000-0000-000000000000", &a, NULL));
  g_assert_true (valise_guid_is_nil (&a));
  valise_guid_random (&a);
  g_assert_false (valise_guid_is_nil (&a));
  for (guint i = 0; i < 64; i++)
    {
      g_autofree char *text = NULL;

      valise_guid_random (&b);
      g_assert_false (valise_guid_equal (&a, &b));
      text = valise_guid_format (&b);
      g_assert_cmpint (text[14], ==, '4');
      g_assert_nonnull (strchr ("89ab", text[19]));
      all &= b.bytes[15];
    }
  g_assert_cmpint (all, ==, 0); /* the last byte does vary */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/guid/mixed", test_mixed);
  g_test_add_func ("/core/guid/text", test_text);
  g_test_add_func ("/core/guid/random", test_random);
  return g_test_run ();
}
