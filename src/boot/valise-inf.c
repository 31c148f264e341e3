/* valise-inf.c: information files of drivers (.inf).
 *
 * Reads from one what a driver is, for which Windows, and which files belong to it; not what it
 * does when it is installed. The file is foreign: nothing in it is believed beyond a bound.
 *
 * The format: “General syntax rules for INF files” and the pages on the sections Version,
 * Manufacturer, SourceDisksNames and SourceDisksFiles, learn.microsoft.com.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-inf.h"

#include <stdlib.h>
#include <string.h>

#include "valise-windows-text.h"

/* More would be no INF of a driver. */
#define MAX_LINES 200000
#define MAX_FILES 20000
#define MAX_VALUES 64

static const char *const architectures[] = { "x86", "amd64", "arm64" };

typedef struct
{
  char *key;       /* (nullable): before “=” */
  GPtrArray *values; /* char */
} Line;

typedef struct
{
  GHashTable *sections; /* folded name: GPtrArray of Line */
  GHashTable *strings;  /* folded name: text */
} Text;

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->key);
  g_ptr_array_unref (line->values);
  g_free (line);
}

static void
text_clear (Text *text)
{
  g_clear_pointer (&text->sections, g_hash_table_unref);
  g_clear_pointer (&text->strings, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Text, text_clear)

/* ---- lines ---- */

static gboolean
is_end (char c)
{
  return c == '\0' || c == '\r' || c == '\n';
}

/* One value up to a comma, a comment or the line's end; quotes keep all of these, and two of them
 * in quotes are one. */
static char *
read_word (const char **at, const char *stops)
{
  g_autoptr (GString) word = g_string_new (NULL);
  gsize keep = 0; /* what was quoted is not stripped */

  *at += strspn (*at, " \t");
  while (!is_end (**at) && **at != ';' && strchr (stops, **at) == NULL)
    {
      if (**at != '"')
        {
          g_string_append_c (word, *(*at)++);
          continue;
        }
      for ((*at)++; !is_end (**at) && (**at != '"' || (*at)[1] == '"'); (*at)++)
        {
          if (**at == '"')
            (*at)++;
          g_string_append_c (word, **at);
        }
      if (**at == '"')
        (*at)++;
      keep = word->len;
    }
  while (word->len > keep && strchr (" \t", word->str[word->len - 1]) != NULL)
    g_string_truncate (word, word->len - 1);
  return g_string_free (g_steal_pointer (&word), FALSE);
}

static Line *
read_line (const char *at)
{
  Line *line = g_new0 (Line, 1);
  char *word = read_word (&at, "=,");

  line->values = g_ptr_array_new_with_free_func (g_free);
  if (*at == '=')
    {
      line->key = g_steal_pointer (&word);
      at++;
      word = read_word (&at, ",");
    }
  g_ptr_array_add (line->values, word);
  while (*at == ',' && line->values->len < MAX_VALUES)
    {
      at++;
      g_ptr_array_add (line->values, read_word (&at, ","));
    }
  return line;
}

/* Takes a line, and those that it goes on in, from @at. */
static char *
take_line (const char **at)
{
  GString *line = g_string_new (NULL);

  for (;;)
    {
      const gsize n = strcspn (*at, "\r\n");
      gsize used = n;

      while (used > 0 && strchr (" \t", (*at)[used - 1]) != NULL)
        used--;
      const gboolean more = used > 0 && (*at)[used - 1] == '\\' && (*at)[n] != '\0';

      g_string_append_len (line, *at, more ? used - 1 : n);
      *at += n;
      if (**at == '\r' && (*at)[1] == '\n')
        (*at)++;
      if (**at != '\0')
        (*at)++;
      if (!more)
        return g_string_free (line, FALSE);
    }
}

static GPtrArray *
get_section (const Text *text, const char *name)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);

  return g_hash_table_lookup (text->sections, folded);
}

static void
read_sections (Text *text, const char *at)
{
  GPtrArray *section = NULL;

  for (guint n = 0; *at != '\0' && n < MAX_LINES; n++)
    {
      g_autofree char *line = take_line (&at);
      char *start = g_strchug (line);
      char *end = strchr (start, ']');

      if (*start == '[' && end != NULL)
        {
          g_autofree char *name = g_strndup (start + 1, end - start - 1);
          g_autofree char *folded = g_utf8_casefold (g_strstrip (name), -1);

          /* Sections of one name are one. */
          section = g_hash_table_lookup (text->sections, folded);
          if (section == NULL)
            {
              section = g_ptr_array_new_with_free_func (line_free);
              g_hash_table_insert (text->sections, g_steal_pointer (&folded), section);
            }
        }
      else if (section != NULL && *start != '\0' && *start != ';')
        {
          g_ptr_array_add (section, read_line (start));
        }
    }
}

static void
read_strings (Text *text)
{
  GPtrArray *section = get_section (text, "Strings");

  for (guint i = 0; section != NULL && i < section->len; i++)
    {
      const Line *line = g_ptr_array_index (section, i);

      if (line->key != NULL)
        g_hash_table_insert (text->strings, g_utf8_casefold (line->key, -1),
                             g_strdup (g_ptr_array_index (line->values, 0)));
    }
}

/* Puts in what stands for %names%; what they stand for is not looked at again. */
static char *
expand (const Text *text, const char *value)
{
  GString *out = g_string_new (NULL);

  while (*value != '\0')
    {
      const char *end = *value == '%' ? strchr (value + 1, '%') : NULL;
      g_autofree char *name = end != NULL ? g_utf8_casefold (value + 1, end - value - 1) : NULL;
      const char *found = name != NULL && *name != '\0'
                              ? g_hash_table_lookup (text->strings, name)
                              : NULL;

      if (end == value + 1)
        {
          g_string_append_c (out, '%');
          value += 2;
        }
      else if (found != NULL)
        {
          g_string_append (out, found);
          value = end + 1;
        }
      else
        {
          g_string_append_c (out, *value++);
        }
    }
  return g_string_free (out, FALSE);
}

static const char *
get_value (const Line *line, guint i)
{
  return i < line->values->len ? g_ptr_array_index (line->values, i) : "";
}

static const Line *
find_line (GPtrArray *section, const char *key)
{
  for (guint i = 0; section != NULL && i < section->len; i++)
    {
      const Line *line = g_ptr_array_index (section, i);

      if (line->key != NULL && g_ascii_strcasecmp (line->key, key) == 0)
        return line;
    }
  return NULL;
}

/* ---- what it says ---- */

static char *
get_expanded (const Text *text, GPtrArray *section, const char *key)
{
  const Line *line = find_line (section, key);

  return line != NULL ? expand (text, get_value (line, 0)) : NULL;
}

static void
read_version (ValiseInf *self, const Text *text, GPtrArray *section)
{
  const Line *line = find_line (section, "DriverVer");

  self->provider = get_expanded (text, section, "Provider");
  self->class_name = get_expanded (text, section, "Class");
  self->class_guid = get_expanded (text, section, "ClassGuid");
  if (line != NULL)
    {
      g_autofree char *date = expand (text, get_value (line, 0));
      g_autofree char *number = expand (text, get_value (line, 1));

      self->version = *number != '\0' ? g_strdup_printf ("%s, %s", number, date) : g_strdup (date);
    }
  for (guint i = 0; i < section->len; i++)
    {
      static const char name[] = "CatalogFile";

      line = g_ptr_array_index (section, i);
      if (line->key == NULL || g_ascii_strncasecmp (line->key, name, strlen (name)) != 0
          || (line->key[strlen (name)] != '\0' && line->key[strlen (name)] != '.'))
        continue;
      g_ptr_array_add (self->catalogs,
                       g_ascii_strdown (line->key + strlen (name)
                                            + (line->key[strlen (name)] == '.'), -1));
      g_ptr_array_add (self->catalogs, expand (text, get_value (line, 0)));
    }
}

/* “NT[architecture][.[major][.[minor][.[product][.[suite][.[build]]]]]]]”. */
static gboolean
read_decoration (const char *decoration, ValiseInfTarget *target)
{
  g_auto (GStrv) parts = g_strsplit (decoration, ".", 7);
  const guint n = g_strv_length (parts);

  *target = (ValiseInfTarget){ .architecture = "x86" };
  if (n == 0 || g_ascii_strncasecmp (parts[0], "NT", 2) != 0)
    return FALSE;
  if (parts[0][2] != '\0')
    {
      guint i;

      for (i = 0; i < G_N_ELEMENTS (architectures); i++)
        if (g_ascii_strcasecmp (parts[0] + 2, architectures[i]) == 0)
          break;
      if (i == G_N_ELEMENTS (architectures))
        return FALSE;
      g_strlcpy (target->architecture, architectures[i], sizeof target->architecture);
    }
  target->major = n > 1 ? strtoul (parts[1], NULL, 0) : 0;
  target->minor = n > 2 ? strtoul (parts[2], NULL, 0) : 0;
  target->build = n > 5 ? strtoul (parts[5], NULL, 0) : 0;
  return TRUE;
}

static gboolean
has_devices (const Text *text, const char *name)
{
  GPtrArray *section = get_section (text, name);

  return section != NULL && section->len > 0;
}

static void
read_manufacturers (ValiseInf *self, const Text *text)
{
  GPtrArray *section = get_section (text, "Manufacturer");

  for (guint i = 0; section != NULL && i < section->len; i++)
    {
      const Line *line = g_ptr_array_index (section, i);
      g_autofree char *models = expand (text, get_value (line, 0));
      ValiseInfTarget target = { .architecture = "x86" };

      /* What is not decorated is for x86 only. */
      if (line->values->len == 1 && has_devices (text, models))
        g_array_append_val (self->targets, target);
      for (guint j = 1; j < line->values->len; j++)
        {
          g_autofree char *decoration = expand (text, get_value (line, j));
          g_autofree char *name = g_strconcat (models, ".", decoration, NULL);

          if (read_decoration (decoration, &target) && has_devices (text, name))
            g_array_append_val (self->targets, target);
        }
    }
}

/* Where a source disk is, below the INF's folder. */
static char *
find_disk (const Text *text, const char *architecture, const char *id)
{
  g_autofree char *decorated = g_strconcat ("SourceDisksNames.", architecture, NULL);
  const char *const names[] = { decorated, "SourceDisksNames" };

  for (guint i = *architecture == '\0'; i < G_N_ELEMENTS (names); i++)
    {
      const Line *line = find_line (get_section (text, names[i]), id);

      if (line != NULL)
        return expand (text, get_value (line, 3));
    }
  return g_strdup ("");
}

static void
read_files (ValiseInf *self, const Text *text, const char *architecture)
{
  g_autofree char *name = *architecture != '\0'
                              ? g_strconcat ("SourceDisksFiles.", architecture, NULL)
                              : g_strdup ("SourceDisksFiles");
  GPtrArray *section = get_section (text, name);

  for (guint i = 0; section != NULL && i < section->len && self->files->len < MAX_FILES; i++)
    {
      const Line *line = g_ptr_array_index (section, i);
      g_autofree char *file = line->key != NULL ? expand (text, line->key) : NULL;
      g_autofree char *disk = find_disk (text, architecture, get_value (line, 0));
      g_autofree char *folder = expand (text, get_value (line, 1));
      g_autofree char *path = NULL;

      if (file == NULL)
        continue;
      path = g_strdelimit (g_strconcat (disk, "/", folder, "/", file, NULL), "\\", '/');
      g_ptr_array_add (self->files, g_strdup (architecture));
      g_ptr_array_add (self->files, g_steal_pointer (&path));
    }
}

/**
 * valise_inf_parse:
 * @file: foreign bytes
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): what the file says; %NULL where it is no INF of Windows
 */
ValiseInf *
valise_inf_parse (GBytes *file)
{
  g_autofree char *content = valise_windows_text_decode (file, TRUE);
  g_auto (Text) text = { 0 };
  g_autofree char *signature = NULL;
  GPtrArray *version;
  ValiseInf *self;

  if (content == NULL)
    return NULL;
  text.sections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)g_ptr_array_unref);
  text.strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  read_sections (&text, content);
  read_strings (&text);
  version = get_section (&text, "Version");
  signature = version != NULL ? get_expanded (&text, version, "Signature") : NULL;
  if (signature == NULL
      || (g_ascii_strcasecmp (signature, "$Windows NT$") != 0
          && g_ascii_strcasecmp (signature, "$Chicago$") != 0))
    return NULL;

  self = g_new0 (ValiseInf, 1);
  self->catalogs = g_ptr_array_new_with_free_func (g_free);
  self->targets = g_array_new (FALSE, TRUE, sizeof (ValiseInfTarget));
  self->files = g_ptr_array_new_with_free_func (g_free);
  read_version (self, &text, version);
  read_manufacturers (self, &text);
  read_files (self, &text, "");
  for (guint i = 0; i < G_N_ELEMENTS (architectures); i++)
    read_files (self, &text, architectures[i]);
  return self;
}

/**
 * valise_inf_free:
 * @self: (transfer full): what an INF says
 */
void
valise_inf_free (ValiseInf *self)
{
  g_free (self->provider);
  g_free (self->class_name);
  g_free (self->class_guid);
  g_free (self->version);
  g_ptr_array_unref (self->catalogs);
  g_array_unref (self->targets);
  g_ptr_array_unref (self->files);
  g_free (self);
}

/**
 * valise_inf_get_catalog:
 * @self: what an INF says
 * @architecture: `x86`, `amd64` or `arm64`
 *
 * Returns: (nullable): the name of the catalogue, which has the signature, for an architecture
 */
const char *
valise_inf_get_catalog (const ValiseInf *self, const char *architecture)
{
  g_autofree char *decorated = g_strconcat ("nt", architecture, NULL);
  const char *const wanted[] = { decorated, "nt", "" };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    for (guint j = 0; j + 1 < self->catalogs->len; j += 2)
      if (g_str_equal (g_ptr_array_index (self->catalogs, j), wanted[i]))
        return g_ptr_array_index (self->catalogs, j + 1);
  return NULL;
}

/**
 * valise_inf_is_boot_critical:
 * @self: what an INF says
 *
 * Returns: whether Windows may need such a driver to start at all: one for what the drive hangs on
 */
gboolean
valise_inf_is_boot_critical (const ValiseInf *self)
{
  static const char *const classes[] = { "SCSIAdapter", "HDC", "USB", "System", "DiskDrive",
                                         "SBP2", "SDHost", "1394" };

  for (guint i = 0; self->class_name != NULL && i < G_N_ELEMENTS (classes); i++)
    if (g_ascii_strcasecmp (self->class_name, classes[i]) == 0)
      return TRUE;
  return FALSE;
}
