/* test-windows-region.c: what a Linux's languages and keyboards are called in Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-answer-rules.h"
#include "boot/valise-windows-region.h"

/* By Microsoft's “[MS-LCID]” and “Default Input Profiles (Input Locales) in Windows”. */
static const char *const locales[][2] = {
  { "en_US.UTF-8", "en-US" },
  { "de_DE.UTF-8", "de-DE" },
  { "de_AT@euro", "de-AT" },
  { "fr_CH", "fr-CH" },
  { "pt_BR.utf8", "pt-BR" },
  { "zh_CN.GB18030", "zh-CN" },
  { "zh_TW.UTF-8", "zh-TW" },
  { "nb_NO.UTF-8", "nb-NO" },
  { "no_NO", "nb-NO" },
  { "sr_RS", "sr-Cyrl-RS" },
  { "sr_RS@latin", "sr-Latn-RS" },
  { "sr_RS.UTF-8@latin", "sr-Latn-RS" },
  { "ca_ES.UTF-8@valencia", "ca-ES-valencia" },
  { "ca_ES", "ca-ES" },
  { "az_AZ", "az-Latn-AZ" },
  { "uz_UZ@cyrillic", "uz-Cyrl-UZ" },
  { "fil_PH", "fil-PH" },
  { "tl_PH", "fil-PH" },
  { "C", NULL },
  { "C.UTF-8", NULL },
  { "POSIX", NULL },
  { "de", NULL },
  { "eo", NULL },
  { "en_DK.UTF-8", NULL },
  { "", NULL },
  { "_", NULL },
  { "de_", NULL },
};

static const struct
{
  const char *layouts;
  const char *variants;
  const char *culture;
  const char *keyboard;
} keyboards[] = {
  { "us", NULL, "en-US", "0409:00000409" },
  { "us", "", "en-US", "0409:00000409" },
  { "us", "dvorak", "en-US", "0409:00010409" },
  { "us", "altgr-intl", "nl-NL", "0413:00020409" },
  { "us", "unheard-of", "en-US", "0409:00000409" },
  { "de", "nodeadkeys", "de-DE", "0407:00000407" },
  { "de", NULL, "de-AT", "0c07:00000407" },
  { "de", NULL, NULL, "0407:00000407" },
  { "gb", NULL, "en-GB", "0809:00000809" },
  { "ch", "fr", "fr-CH", "100c:0000100c" },
  { "de,us", ",intl", "de-DE", "0407:00000407;0407:00020409" },
  { "de,de", "nodeadkeys,", "de-DE", "0407:00000407" },
  { "us,ru", ",", "ru-RU", "0419:00000409;0419:00000419" },
  { "us,zz", ",", "en-US", "0409:00000409" },
  { "cn", NULL, "zh-CN",
    "0804:{81D4E9C9-1D3B-41BC-9E6C-4B40BF79E35E}{FA550B04-5AD7-411F-A5AC-CA038EC515D7}" },
  { "us", NULL, "zh-CN", "0804:00000409" },
  { "jp", NULL, "ja-JP",
    "0411:{03B5835F-F03C-411B-9CE2-AA23E1171E36}{A76C93D9-5523-4E90-AAFA-4DB112F9AC76}" },
  { "br", NULL, "pt-BR", "0416:00010416" },
  { "zz", NULL, "en-US", NULL },
  { "", NULL, "en-US", NULL },
};

static void
test_locales (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (locales); i++)
    g_assert_cmpstr (valise_windows_culture_find (locales[i][0]), ==, locales[i][1]);
}

static void
test_keyboards (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (keyboards); i++)
    {
      g_autofree char *found = valise_windows_keyboard_find (
          keyboards[i].layouts, keyboards[i].variants, keyboards[i].culture);

      g_assert_cmpstr (found, ==, keyboards[i].keyboard);
    }
}

/* Every entry of the table is one that the rules for answer files take. */
static void
test_table (void)
{
  const char *name;
  guint n = 0;

  for (; (name = valise_windows_culture_get_nth (n)) != NULL; n++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (valise_check_culture (name, &error));
      g_assert_no_error (error);
      g_assert_true (valise_check_keyboard (valise_windows_culture_get_input (name), &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (n, >, 200);
}

/* Most layouts that xkeyboard-config lists have a keyboard in Windows. */
static void
test_xkb (void)
{
  g_autofree char *text = NULL;
  const char *at;
  guint n = 0;
  guint n_found = 0;

  if (!g_file_get_contents ("/usr/share/X11/xkb/rules/base.lst", &text, NULL, NULL))
    {
      g_test_skip ("there is no xkeyboard-config");
      return;
    }
  at = strstr (text, "! layout\n");
  g_assert_nonnull (at);
  for (at = strchr (at, '\n') + 1; *at == ' '; at = strchr (at, '\n') + 1)
    {
      const char *start = at + strspn (at, " ");
      g_autofree char *layout = g_strndup (start, strcspn (start, " "));
      g_autofree char *found = valise_windows_keyboard_find (layout, NULL, NULL);

      n++;
      if (found != NULL)
        n_found++;
      else
        g_test_message ("Windows has no “%s”", layout);
    }
  g_assert_cmpuint (n, >, 80);
  g_assert_cmpuint (n - n_found, <, 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot/windows-region/locales", test_locales);
  g_test_add_func ("/boot/windows-region/keyboards", test_keyboards);
  g_test_add_func ("/boot/windows-region/table", test_table);
  g_test_add_func ("/boot/windows-region/xkb", test_xkb);
  return g_test_run ();
}
