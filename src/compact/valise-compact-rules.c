/* valise-compact-rules.c: which files of a Windows may be compressed, and how.
 *
 * What starts before the filter does must be plain. The image says itself what that is, in
 * \Windows\System32\WimBootCompress.ini, which Windows' own tools go by: its sections
 * “PrepopulateList” and “CompressionExclusionList”. What every known Windows has there stands here
 * too, for an image without that file. Loaders before 1903 read other files of the start
 * themselves, and understand XPRESS4K only (wimlib has the list, from trials of its users).
 *
 * Patterns have “*” and “?”. One that begins with a backslash is a path; another one is a name, in
 * any folder. What fits a folder holds for all that is in it. Capitals do not count.
 *
 * The folders are walked down once, and each keeps the patterns that can still fit below it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-rules.h"

#include <string.h>

/* A list that people write; a larger one is no such list. */
#define MAX_INI_SIZE (256 * 1024)
#define MAX_PATTERNS 1024

/* The start itself. The store and the boot managers are here for drives that start by BIOS. */
static const char *const plain[] = {
  "bootstat.dat",
  "*winload.*",
  "*winresume.*",
  "wof.sys",
  "ntoskrnl.exe",
  "bootmgr*",
  "bootmgfw*",
  "BCD",
  "BCD.LOG*",
  "\\Boot\\*",
  "\\EFI\\*",
  "\\Windows\\Boot\\*",
  "\\Windows\\System32\\Boot\\*",
  "\\Windows\\System32\\config\\*", /* the hives: changed at every start, and by Valise */
  "NTUSER.DAT*",
  "\\Windows\\System32\\PlatformManifest\\*",
  "\\Windows\\System32\\WimBootCompress.ini",
};

/* What older loaders read. */
static const char *const loaded[] = {
  "\\Windows\\AppPatch\\drvmain.sdb",
  "\\Windows\\Fonts\\vga*.fon",
  "\\Windows\\INF\\errata.inf",
  "\\Windows\\System32\\ntkrnlpa.exe",
  "\\Windows\\System32\\bootvid.dll",
  "\\Windows\\System32\\ci.dll",
  "\\Windows\\System32\\hal*.dll",
  "\\Windows\\System32\\mcupdate_*.dll",
  "\\Windows\\System32\\pshed.dll",
  "\\Windows\\System32\\apisetschema.dll",
  "\\Windows\\System32\\api-ms-win*.dll",
  "\\Windows\\System32\\ext-ms-win*.dll",
  "\\Windows\\System32\\KernelBase.dll",
  "\\Windows\\System32\\drivers\\*.sys",
  "\\Windows\\System32\\*.nls",
  "\\Windows\\System32\\kbd*.dll",
  "\\Windows\\System32\\kd*.dll",
  "\\Windows\\System32\\clfs.sys",
  "\\Windows\\System32\\CodeIntegrity\\driver.stl",
};

typedef struct
{
  GPatternSpec **parts; /* NULL-terminated, at least one */
  gboolean is_path;
  ValiseCompactLimit limit;
} Rule;

/* A rule that fits so far: the next part is to be compared. */
typedef struct
{
  const Rule *rule;
  guint next;
} Alive;

struct _ValiseCompactFolder
{
  GArray *alive; /* Alive: paths only */
  ValiseCompactLimit limit;
};

struct _ValiseCompactRules
{
  gboolean all_plain;
  GPtrArray *rules;   /* Rule */
  GPtrArray *names;   /* Rule, owned by @rules: those that are no paths */
  GPtrArray *folders; /* ValiseCompactFolder; the root is the first */
};

static void
rule_free (Rule *rule)
{
  for (GPatternSpec **part = rule->parts; *part != NULL; part++)
    g_pattern_spec_free (*part);
  g_free (rule->parts);
  g_free (rule);
}

static void
folder_free (ValiseCompactFolder *folder)
{
  g_array_unref (folder->alive);
  g_free (folder);
}

static void
add_rule (ValiseCompactRules *self, const char *pattern, ValiseCompactLimit limit)
{
  g_autofree char *folded = g_utf8_casefold (pattern, -1);
  g_auto (GStrv) parts = g_strsplit_set (folded, "\\/", -1);
  g_autoptr (GPtrArray) specs = g_ptr_array_new ();
  Rule *rule;

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_ptr_array_add (specs, g_pattern_spec_new (*part));
  if (specs->len == 0)
    return;
  g_ptr_array_add (specs, NULL);

  rule = g_new0 (Rule, 1);
  rule->parts = (GPatternSpec **) g_ptr_array_free (g_steal_pointer (&specs), FALSE);
  rule->is_path = g_strv_length (parts) > 1;
  rule->limit = limit;
  g_ptr_array_add (self->rules, rule);
  if (!rule->is_path)
    g_ptr_array_add (self->names, rule);
}

/* The file is text in UTF-8 or UTF-16, with sections, comments behind semicolons, and patterns,
 * some in quotes. */
static void
add_ini (ValiseCompactRules *self, const char *ini, gsize size)
{
  g_autofree char *utf8 = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean wanted = FALSE;

  if (size > MAX_INI_SIZE)
    return;
  if (size >= 2 && memcmp (ini, "\xff\xfe", 2) == 0)
    utf8 = g_convert (ini + 2, size - 2, "UTF-8", "UTF-16LE", NULL, NULL, NULL);
  else
    {
      if (size >= 3 && memcmp (ini, "\xef\xbb\xbf", 3) == 0)
        {
          ini += 3;
          size -= 3;
        }
      utf8 = g_utf8_make_valid (ini, size);
    }
  if (utf8 == NULL)
    return;

  lines = g_strsplit_set (utf8, "\r\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *text = g_strstrip (*line);
      gsize length = strlen (text);

      if (*text == '\0' || *text == ';' || *text == '#')
        continue;
      if (*text == '[')
        {
          wanted = g_ascii_strcasecmp (text, "[PrepopulateList]") == 0
                   || g_ascii_strcasecmp (text, "[CompressionExclusionList]") == 0;
          continue;
        }
      if (length > 2 && *text == '"' && text[length - 1] == '"')
        {
          text[length - 1] = '\0';
          text++;
        }
      if (wanted && self->rules->len < MAX_PATTERNS)
        add_rule (self, text, VALISE_COMPACT_PLAIN);
    }
}

static ValiseCompactFolder *
add_folder (ValiseCompactRules *self)
{
  ValiseCompactFolder *folder = g_new0 (ValiseCompactFolder, 1);

  folder->alive = g_array_new (FALSE, FALSE, sizeof (Alive));
  g_ptr_array_add (self->folders, folder);
  return folder;
}

/**
 * valise_compact_rules_new:
 * @build: the build number of the Windows
 * @ini: (nullable): its WimBootCompress.ini
 * @size: of @ini, in bytes
 *
 * Before %VALISE_COMPACT_FIRST_BUILD everything stays plain.
 *
 * Returns: (transfer full): the rules
 */
ValiseCompactRules *
valise_compact_rules_new (guint build, const char *ini, gsize size)
{
  ValiseCompactRules *self = g_new0 (ValiseCompactRules, 1);
  ValiseCompactFolder *root;

  self->all_plain = build < VALISE_COMPACT_FIRST_BUILD;
  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) rule_free);
  self->names = g_ptr_array_new ();
  self->folders = g_ptr_array_new_with_free_func ((GDestroyNotify) folder_free);
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    add_rule (self, plain[i], VALISE_COMPACT_PLAIN);
  for (guint i = 0; build < VALISE_COMPACT_FULL_BUILD && i < G_N_ELEMENTS (loaded); i++)
    add_rule (self, loaded[i], VALISE_COMPACT_XPRESS4K);
  if (ini != NULL)
    add_ini (self, ini, size);

  root = add_folder (self);
  for (guint i = 0; i < self->rules->len; i++)
    {
      Alive alive = { g_ptr_array_index (self->rules, i), 0 };

      if (alive.rule->is_path)
        g_array_append_val (root->alive, alive);
    }
  return self;
}

/**
 * valise_compact_rules_free:
 * @self: (transfer full): rules
 */
void
valise_compact_rules_free (ValiseCompactRules *self)
{
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->rules);
  g_free (self);
}

/**
 * valise_compact_rules_get_root:
 * @self: rules
 *
 * Returns: (transfer none): the volume's root
 */
const ValiseCompactFolder *
valise_compact_rules_get_root (ValiseCompactRules *self)
{
  return g_ptr_array_index (self->folders, 0);
}

/* The limit that a name in @folder has; adds to @below (nullable) the rules that go on below it. */
static ValiseCompactLimit
compare (ValiseCompactRules *self, const ValiseCompactFolder *folder, const char *name,
         GArray *below)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  gsize length = strlen (folded);
  ValiseCompactLimit limit = folder->limit;

  for (guint i = 0; i < folder->alive->len; i++)
    {
      Alive alive = g_array_index (folder->alive, Alive, i);

      if (!g_pattern_spec_match (alive.rule->parts[alive.next], length, folded, NULL))
        continue;
      alive.next++;
      if (alive.rule->parts[alive.next] == NULL)
        limit = MAX (limit, alive.rule->limit);
      else if (below != NULL)
        g_array_append_val (below, alive);
    }
  for (guint i = 0; i < self->names->len && limit < VALISE_COMPACT_PLAIN; i++)
    {
      const Rule *rule = g_ptr_array_index (self->names, i);

      if (g_pattern_spec_match (rule->parts[0], length, folded, NULL))
        limit = MAX (limit, rule->limit);
    }
  return limit;
}

/**
 * valise_compact_rules_enter:
 * @self: rules
 * @folder: a folder
 * @name: the name of a folder in it, in UTF-8
 *
 * Returns: (transfer none): that folder, as long as the rules
 */
const ValiseCompactFolder *
valise_compact_rules_enter (ValiseCompactRules *self, const ValiseCompactFolder *folder,
                            const char *name)
{
  ValiseCompactFolder *child = add_folder (self);

  child->limit = compare (self, folder, name, child->alive);
  return child;
}

/**
 * valise_compact_rules_judge:
 * @self: rules
 * @folder: a folder
 * @name: the name of a file in it, in UTF-8
 *
 * A file with several names has the strictest of what they allow.
 *
 * Returns: what the file allows by this name
 */
ValiseCompactLimit
valise_compact_rules_judge (ValiseCompactRules *self, const ValiseCompactFolder *folder,
                            const char *name)
{
  return self->all_plain ? VALISE_COMPACT_PLAIN : compare (self, folder, name, NULL);
}
