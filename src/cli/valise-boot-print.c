/* valise-boot-print.c: an image's boot managers, and what to know of them, as text and JSON.
 *
 * What is the same for several editions is printed once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-boot-print.h"

#include <glib/gi18n.h>

#include "core/valise-text.h"
#include "valise-json.h"
#include "valise-output.h"
#include "valise-table.h"

static char *
format_date (gint64 seconds)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (seconds);

  return date != NULL ? g_date_time_format_iso8601 (date) : NULL;
}

static void
add_signature (JsonBuilder *builder, const ValiseSignature *signature)
{
  g_autofree char *from = format_date (signature->not_before);
  g_autofree char *until = format_date (signature->not_after);

  json_builder_set_member_name (builder, "signature");
  json_builder_begin_object (builder);
  valise_json_add_string (builder, "signer", signature->subject);
  valise_json_add_string (builder, "issuer", signature->issuer);
  valise_json_add_string (builder, "root", signature->root);
  valise_json_add_string (builder, "validFrom", from);
  valise_json_add_string (builder, "validUntil", until);
  json_builder_end_object (builder);
}

static void
add_file (JsonBuilder *builder, ValiseBootFileKind kind, const ValiseBootFile *file)
{
  static const char *const ages[] = { NULL, "before-2023-05", "current" };

  json_builder_begin_object (builder);
  valise_json_add_string (builder, "path", valise_boot_file_paths[kind]);
  valise_json_add_int (builder, "size", file->size);
  if (kind != VALISE_BOOT_FILE_BIOS)
    {
      valise_json_add_string (builder, "state", valise_boot_file_state (file));
      valise_json_add_boolean (builder, "efi", file->is_efi);
      if (file->architecture != NULL)
        valise_json_add_string (builder, "architecture", file->architecture);
      if (file->version != NULL)
        valise_json_add_string (builder, "version", file->version);
      if (ages[file->age] != NULL)
        valise_json_add_string (builder, "age", ages[file->age]);
      if (file->signature.state == VALISE_SIGNATURE_GOOD)
        add_signature (builder, &file->signature);
    }
  json_builder_end_object (builder);
}

/**
 * valise_boot_print_json:
 * @builder: in an object
 * @boot: (nullable): an edition's boot managers
 *
 * Adds the member `bootManagers`, with those that exist.
 */
void
valise_boot_print_json (JsonBuilder *builder, const ValiseBootFiles *boot)
{
  json_builder_set_member_name (builder, "bootManagers");
  json_builder_begin_array (builder);
  for (guint i = 0; boot != NULL && i < VALISE_N_BOOT_FILES; i++)
    if (boot->files[i].exists)
      add_file (builder, i, &boot->files[i]);
  json_builder_end_array (builder);
}

/**
 * valise_boot_print_warnings_json:
 * @builder: in an object
 * @warnings: (element-type ValiseWarning): warnings
 *
 * Adds the member `warnings`.
 */
void
valise_boot_print_warnings_json (JsonBuilder *builder, GPtrArray *warnings)
{
  json_builder_set_member_name (builder, "warnings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < warnings->len; i++)
    {
      const ValiseWarning *warning = warnings->pdata[i];

      json_builder_begin_object (builder);
      valise_json_add_string (builder, "id", warning->id);
      valise_json_add_string (builder, "level", warning->is_note ? "note" : "warning");
      valise_json_add_string (builder, "message", warning->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static char *
describe_signature (const ValiseBootFile *file)
{
  if (!file->is_program)
    return g_strdup (_("no program for UEFI"));
  switch (file->signature.state)
    {
    case VALISE_SIGNATURE_GOOD:
      return g_strdup (file->signature.issuer);
    case VALISE_SIGNATURE_NONE:
      return g_strdup (_("not signed"));
    case VALISE_SIGNATURE_DAMAGED:
      return g_strdup (_("changed since it was signed"));
    case VALISE_SIGNATURE_UNSUPPORTED:
    default:
      return g_strdup (_("signed in an unknown way"));
    }
}

/* The numbers of the editions that have the boot managers of edition @i; NULL if an earlier one has
 * them, too. */
static char *
list_editions (GPtrArray *editions, GPtrArray *boot, guint i)
{
  g_autoptr (GString) numbers = g_string_new (NULL);

  for (guint j = 0; j < editions->len; j++)
    {
      if (boot->pdata[j] != boot->pdata[i])
        continue;
      if (j < i)
        return NULL;
      g_string_append_printf (numbers, "%s%u", numbers->len > 0 ? " " : "",
                              ((const ValiseEdition *) editions->pdata[j])->index);
    }
  return g_string_free (g_steal_pointer (&numbers), FALSE);
}

/**
 * valise_boot_print_table:
 * @editions: (element-type ValiseEdition): a source's editions
 * @boot: (element-type ValiseBootFiles): their boot managers, %NULL for those that have none
 *
 * Prints the boot managers, those of several editions once.
 */
void
valise_boot_print_table (GPtrArray *editions, GPtrArray *boot)
{
  g_autoptr (ValiseTable) table = valise_table_new ();
  g_autofree char *text = NULL;
  guint row = 0;

  valise_table_add_column (table, _("No."), FALSE);
  valise_table_add_column (table, _("Boot manager"), FALSE);
  valise_table_add_column (table, _("Version"), FALSE);
  valise_table_add_column (table, _("Architecture"), FALSE);
  valise_table_add_column (table, _("Size"), TRUE);
  valise_table_add_column (table, _("Signed by"), FALSE);
  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseBootFiles *files = boot->pdata[i];
      g_autofree char *numbers = files != NULL ? list_editions (editions, boot, i) : NULL;

      for (guint j = 0; numbers != NULL && j < VALISE_N_BOOT_FILES; j++)
        {
          const ValiseBootFile *file = &files->files[j];
          g_autofree char *size = valise_text_size (file->size);
          g_autofree char *signer
              = j == VALISE_BOOT_FILE_BIOS ? g_strdup ("") : describe_signature (file);

          if (!file->exists)
            continue;
          valise_table_set (table, row, 0, numbers);
          valise_table_set (table, row, 1, valise_boot_file_paths[j]);
          valise_table_set (table, row, 2, file->version != NULL ? file->version : "");
          valise_table_set (table, row, 3, file->architecture != NULL ? file->architecture : "");
          valise_table_set (table, row, 4, size);
          valise_table_set (table, row, 5, signer);
          row++;
        }
    }
  if (row == 0)
    return;
  text = valise_table_format (table);
  valise_output_print (stdout, "\n%s", text);
}

/**
 * valise_boot_print_warnings:
 * @editions: (element-type ValiseEdition): a source's editions
 * @boot: (element-type ValiseBootFiles): their boot managers
 *
 * Prints what to know of the editions, each sentence once.
 */
void
valise_boot_print_warnings (GPtrArray *editions, GPtrArray *boot)
{
  g_autoptr (GHashTable) said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseWarningFacts facts = { .edition = editions->pdata[i], .boot = boot->pdata[i] };
      g_autoptr (GPtrArray) warnings = valise_warnings_find (&facts);

      for (guint j = 0; j < warnings->len; j++)
        {
          const ValiseWarning *warning = warnings->pdata[j];
          g_autofree char *clean = valise_text_clean (warning->text);

          if (!g_hash_table_add (said, g_strdup (warning->text)))
            continue;
          if (warning->is_note)
            valise_output_print (stdout, "\n%s\n", clean);
          else
            /* Translators: %s is a whole sentence. */
            valise_output_print (stdout, _("\nWarning: %s\n"), clean);
        }
    }
}
