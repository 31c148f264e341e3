/* valise-edition.c: one of the Windows editions that a source holds.
 *
 * Responsible for what the XML and the list of files say of it. The XML is somebody’s text: it is
 * made printable and short here, once for all who show it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-edition.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "valise-edition-reader.h"
#include "valise-wimlib.h"

/* Longer texts are cut, more languages left out. */
#define TEXT_MAX 256
#define LANGUAGES_MAX 64

/**
 * valise_edition_free:
 * @self: (transfer full): an edition
 */
void
valise_edition_free (ValiseEdition *self)
{
  g_free (self->name);
  g_free (self->description);
  g_free (self->edition_id);
  g_free (self->version);
  g_strfreev (self->languages);
  g_free (self->default_language);
  g_free (self->boot_key);
  g_free (self);
}

/**
 * valise_edition_copy:
 * @self: an edition
 *
 * Returns: (transfer full): a copy that does not need the source any more
 */
ValiseEdition *
valise_edition_copy (const ValiseEdition *self)
{
  ValiseEdition *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->description = g_strdup (self->description);
  copy->edition_id = g_strdup (self->edition_id);
  copy->version = g_strdup (self->version);
  copy->languages = g_strdupv (self->languages);
  copy->default_language = g_strdup (self->default_language);
  copy->boot_key = g_strdup (self->boot_key);
  return copy;
}

/* A property as text that can be shown, or NULL. */
static char *
get_text (WIMStruct *wim, guint index, const char *property)
{
  const char *raw = wimlib_get_image_property (wim, index, property);
  g_autofree char *valid = NULL;
  GString *text;
  glong n = 0;

  if (raw == NULL)
    return NULL;
  valid = g_utf8_make_valid (raw, strnlen (raw, TEXT_MAX * 6));
  text = g_string_new (NULL);
  for (const char *p = valid; *p != '\0' && n < TEXT_MAX; p = g_utf8_next_char (p), n++)
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (text, g_unichar_isprint (c) ? c : ' ');
    }
  g_strstrip (text->str);
  return g_string_free (text, FALSE);
}

static char *
get_text_or_empty (WIMStruct *wim, guint index, const char *property)
{
  char *text = get_text (wim, index, property);

  return text != NULL ? text : g_strdup ("");
}

static guint64
get_number (WIMStruct *wim, guint index, const char *property)
{
  const char *raw = wimlib_get_image_property (wim, index, property);

  return raw != NULL && g_ascii_isdigit (*raw) ? g_ascii_strtoull (raw, NULL, 10) : 0;
}

/* PROCESSOR_ARCHITECTURE_*, winnt.h */
static const char *
get_architecture (WIMStruct *wim, guint index)
{
  const char *raw = wimlib_get_image_property (wim, index, "WINDOWS/ARCH");

  if (g_strcmp0 (raw, "9") == 0)
    return "amd64";
  if (g_strcmp0 (raw, "12") == 0)
    return "arm64";
  if (g_strcmp0 (raw, "0") == 0)
    return "x86";
  return "unknown";
}

static char *
get_version (WIMStruct *wim, guint index)
{
  static const char *const parts[] = { "MAJOR", "MINOR", "BUILD", "SPBUILD" };
  GString *version = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *property = g_strconcat ("WINDOWS/VERSION/", parts[i], NULL);

      if (wimlib_get_image_property (wim, index, property) == NULL)
        break;
      g_string_append_printf (version, "%s%" G_GUINT64_FORMAT, i == 0 ? "" : ".",
                              get_number (wim, index, property));
    }
  return g_string_free (version, FALSE);
}

static GStrv
get_languages (WIMStruct *wim, guint index)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 1; i <= LANGUAGES_MAX; i++)
    {
      g_autofree char *property = g_strdup_printf ("WINDOWS/LANGUAGES/LANGUAGE[%u]", i);
      g_autofree char *language = get_text (wim, index, property);

      if (language == NULL)
        break;
      g_strv_builder_add (builder, language);
    }
  return g_strv_builder_end (builder);
}

typedef struct
{
  GString *key;  /* of the contents' digests */
  guint64 bytes; /* of the last file */
} Found;

static int
found_cb (const struct wimlib_dir_entry *entry, void *data)
{
  Found *found = data;

  for (guint i = 0; i < sizeof entry->streams[0].resource.sha1_hash; i++)
    g_string_append_printf (found->key, "%02x", entry->streams[0].resource.sha1_hash[i]);
  found->bytes = entry->streams[0].resource.uncompressed_size;
  return 0;
}

/* Sets @exists to whether the image has @path, adds its digest to @found and sets its size there;
 * returns wimlib’s code. */
static int
find (WIMStruct *wim, guint index, const char *path, Found *found, gboolean *exists)
{
  int code = wimlib_iterate_dir_tree (wim, index, path, 0, found_cb, found);

  *exists = code == 0;
  g_string_append_c (found->key, '/');
  return code == WIMLIB_ERR_PATH_DOES_NOT_EXIST ? 0 : code;
}

static int
find_boot_files (ValiseEdition *self, WIMStruct *wim)
{
  const struct
  {
    const char *path;
    gboolean *exists;
  } files[] = {
    { "/Windows/Boot/EFI/bootmgfw.efi", &self->boots_uefi },
    { "/Windows/Boot/EFI_EX/bootmgfw_EX.efi", &self->boots_ca2023 },
    { "/Windows/Boot/EFI/bootmgr.efi", NULL },
    { "/Windows/Boot/EFI_EX/bootmgr_EX.efi", NULL },
    { "/Windows/Boot/PCAT/bootmgr", &self->boots_bios },
  };
  g_autoptr (GString) key = g_string_new (NULL);
  Found found = { key, 0 };
  int code = 0;

  for (guint i = 0; code == 0 && i < G_N_ELEMENTS (files); i++)
    {
      gboolean unused;

      found.bytes = 0;
      code = find (wim, self->index, files[i].path, &found,
                   files[i].exists != NULL ? files[i].exists : &unused);
    }
  self->bootmgr_bytes = found.bytes;
  self->boot_key = g_strdup (key->str);
  return code;
}

/**
 * valise_edition_read:
 * @wim: an open image file
 * @index: the image’s number, from 1
 * @shown: the file as the user knows it
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Reads what an image is. The metadata is read for that: seconds, for large images.
 *
 * Returns: (transfer full) (nullable): the edition
 */
ValiseEdition *
valise_edition_read (WIMStruct *wim, guint index, const char *shown, GError **error)
{
  g_autoptr (ValiseEdition) self = g_new0 (ValiseEdition, 1);
  g_autofree char *type = get_text_or_empty (wim, index, "WINDOWS/INSTALLATIONTYPE");
  g_autoptr (GString) key = g_string_new (NULL);
  Found unused = { key, 0 };
  gboolean has_kernel;
  int code;

  self->index = index;
  self->name = get_text (wim, index, "DISPLAYNAME");
  if (self->name == NULL || *self->name == '\0')
    {
      g_free (self->name);
      self->name = get_text (wim, index, "NAME");
    }
  if (self->name == NULL || *self->name == '\0')
    {
      g_free (self->name);
      self->name = g_strdup_printf (_("Image %u"), index);
    }
  self->description = get_text (wim, index, "DISPLAYDESCRIPTION");
  if (self->description == NULL)
    self->description = get_text_or_empty (wim, index, "DESCRIPTION");
  self->edition_id = get_text_or_empty (wim, index, "WINDOWS/EDITIONID");
  self->version = get_version (wim, index);
  self->architecture = get_architecture (wim, index);
  self->build = MIN (get_number (wim, index, "WINDOWS/VERSION/BUILD"), G_MAXUINT);
  self->languages = get_languages (wim, index);
  self->default_language = get_text_or_empty (wim, index, "WINDOWS/LANGUAGES/DEFAULT");
  self->bytes = get_number (wim, index, "TOTALBYTES");
  self->hard_link_bytes = MIN (get_number (wim, index, "HARDLINKBYTES"), self->bytes);
  self->n_files = get_number (wim, index, "FILECOUNT");
  self->n_folders = get_number (wim, index, "DIRCOUNT");

  if ((code = find (wim, index, "/Windows/System32/ntoskrnl.exe", &unused, &has_kernel)) != 0
      || (code = find_boot_files (self, wim)) != 0)
    {
      valise_wimlib_set_error (error, code, shown);
      return NULL;
    }
  self->is_system = has_kernel && g_ascii_strcasecmp (type, "WindowsPE") != 0
                    && g_ascii_strcasecmp (self->edition_id, "WindowsPE") != 0;
  return g_steal_pointer (&self);
}
