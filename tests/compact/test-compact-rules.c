/* test-compact-rules.c: what of a Windows must stay plain, as a table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "compact/valise-compact-rules.h"

#include <string.h>

/* As Windows 11 has it, shortened; with what people write into such files. */
static const char ini[] = "; This is the inbox configuration file\r\n"
                          "\r\n"
                          "[CompressionExclusionList]\r\n"
                          "kernel of mine.exe\r\n"
                          "[PrepopulateList]\r\n"
                          "  bootstat.dat  \r\n"
                          "*winload.*\r\n"
                          "\"\\Program Files\\Early Bird\\*\"\r\n"
                          "\\Windows\\System32\\fir?t.dll\r\n"
                          "[ExclusionList]\r\n"
                          "\\pagefile.sys\r\n";

typedef struct
{
  const char *path;
  ValiseCompactLimit now;      /* with the list, and a build of today */
  ValiseCompactLimit old;      /* the same before 1903 */
  ValiseCompactLimit without;  /* of today, without the list */
} RuleCase;

#define ANY VALISE_COMPACT_ANY
#define FOUR VALISE_COMPACT_XPRESS4K
#define PLAIN VALISE_COMPACT_PLAIN

static const RuleCase cases[] = {
  { "\\Windows\\explorer.exe", ANY, ANY, ANY },
  { "\\pagefile.sys", ANY, ANY, ANY }, /* that list is for capturing */
  { "\\Windows\\System32\\winload.efi", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\System32\\Boot\\en-US\\WINLOAD.EXE.MUI", PLAIN, PLAIN, PLAIN },
  { "\\Somewhere\\else\\my-winload.txt", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\System32\\winload", ANY, ANY, ANY },
  { "\\Windows\\bootstat.dat", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\bootstat.dat.bak", ANY, ANY, ANY },
  { "\\Windows\\System32\\ntoskrnl.exe", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\System32\\drivers\\wof.sys", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\System32\\drivers\\ntfs.sys", ANY, FOUR, ANY },
  { "\\Windows\\System32\\drivers\\etc\\ntfs.sys", ANY, ANY, ANY },
  { "\\Windows\\System32\\DriverStore\\ntfs.sys", ANY, ANY, ANY },
  { "\\Windows\\System32\\KernelBase.dll", ANY, FOUR, ANY },
  { "\\Windows\\SysWOW64\\KernelBase.dll", ANY, ANY, ANY },
  { "\\Windows\\System32\\config\\SYSTEM", PLAIN, PLAIN, PLAIN },
  { "\\windows\\SYSTEM32\\Config\\software.LOG1", PLAIN, PLAIN, PLAIN },
  { "\\Users\\Default\\NTUSER.DAT", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\System32\\PlatformManifest\\deep\\er\\file", PLAIN, PLAIN, PLAIN },
  { "\\Windows\\Boot\\EFI\\en-US\\bootmgfw.efi.mui", PLAIN, PLAIN, PLAIN },
  { "\\Program Files\\Early Bird\\sub\\program.exe", PLAIN, PLAIN, ANY },
  { "\\Program Files\\Early Birds\\program.exe", ANY, ANY, ANY },
  { "\\Program Files\\Early Bird", ANY, ANY, ANY },
  { "\\Windows\\System32\\first.dll", PLAIN, PLAIN, ANY },
  { "\\Windows\\System32\\firt.dll", ANY, ANY, ANY },
  { "\\Windows\\System32\\sub\\first.dll", ANY, ANY, ANY },
  { "\\Tools\\Kernel of Mine.exe", PLAIN, PLAIN, ANY },
  { "\\Windows\\\xc3\x96l\\\xc3\x84rger.dll", ANY, ANY, ANY },
};

static ValiseCompactLimit
judge (ValiseCompactRules *rules, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path + 1, "\\", -1);
  const ValiseCompactFolder *folder = valise_compact_rules_get_root (rules);
  char **part = parts;

  for (; part[1] != NULL; part++)
    folder = valise_compact_rules_enter (rules, folder, *part);
  return valise_compact_rules_judge (rules, folder, *part);
}

static void
test_table (void)
{
  g_autoptr (ValiseCompactRules) now = valise_compact_rules_new (26100, ini, sizeof ini - 1);
  g_autoptr (ValiseCompactRules) last = valise_compact_rules_new (18362, ini, sizeof ini - 1);
  g_autoptr (ValiseCompactRules) old = valise_compact_rules_new (18361, ini, sizeof ini - 1);
  g_autoptr (ValiseCompactRules) first = valise_compact_rules_new (10240, ini, sizeof ini - 1);
  g_autoptr (ValiseCompactRules) too_old = valise_compact_rules_new (9600, ini, sizeof ini - 1);
  g_autoptr (ValiseCompactRules) without = valise_compact_rules_new (26100, NULL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const RuleCase *c = &cases[i];

      g_test_message ("%s", c->path);
      g_assert_cmpint (judge (now, c->path), ==, c->now);
      g_assert_cmpint (judge (last, c->path), ==, c->now);
      g_assert_cmpint (judge (old, c->path), ==, c->old);
      g_assert_cmpint (judge (first, c->path), ==, c->old);
      g_assert_cmpint (judge (too_old, c->path), ==, PLAIN);
      g_assert_cmpint (judge (without, c->path), ==, c->without);
    }
}

/* The list as people save it. */
static void
test_encodings (void)
{
  static const char *const text = "[PrepopulateList]\n\\first.dll\n";
  g_autofree char *with_mark = g_strconcat ("\xef\xbb\xbf", text, NULL);
  g_autofree char *utf16 = NULL;
  g_autoptr (GByteArray) wide = g_byte_array_new ();
  gsize size;

  utf16 = g_convert (text, -1, "UTF-16LE", "UTF-8", NULL, &size, NULL);
  g_byte_array_append (wide, (const guint8 *) "\xff\xfe", 2);
  g_byte_array_append (wide, (const guint8 *) utf16, size);
  for (guint i = 0; i < 3; i++)
    {
      const char *bytes = i == 0 ? text : i == 1 ? with_mark : (const char *) wide->data;
      gsize n = i == 2 ? wide->len : strlen (bytes);
      g_autoptr (ValiseCompactRules) rules = valise_compact_rules_new (26100, bytes, n);

      g_assert_cmpint (judge (rules, "\\first.dll"), ==, PLAIN);
      g_assert_cmpint (judge (rules, "\\second.dll"), ==, ANY);
    }
}

/* Whatever the image has there. */
static void
test_garbage (void)
{
  static const char *const texts[] = {
    "", "[", "[]", "[PrepopulateList]", "[PrepopulateList]\n\\\n\\\\\n\"\n\"\"\n",
    "[PrepopulateList]\n\xff\xfe\xfd\n*\\*\\*\n?\n", "\xff\xfe", "\xff\xfe[",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize n = 0; n <= strlen (texts[i]); n++)
      {
        g_autofree char *exact = g_memdup2 (texts[i], n);
        g_autoptr (ValiseCompactRules) rules
            = valise_compact_rules_new (26100, n > 0 ? exact : "", n);

        judge (rules, "\\Windows\\explorer.exe");
        g_assert_cmpint (judge (rules, "\\Windows\\System32\\winload.efi"), ==, PLAIN);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compact-rules/table", test_table);
  g_test_add_func ("/compact-rules/encodings", test_encodings);
  g_test_add_func ("/compact-rules/garbage", test_garbage);
  return g_test_run ();
}
