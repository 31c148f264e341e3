/* valise-command-inspect.c: `valise inspect`: which editions an image holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "boot/valise-bios.h"
#include "core/valise-error.h"
#include "core/valise-text.h"
#include "valise-boot-print.h"
#include "valise-compact-print.h"
#include "valise-json.h"
#include "valise-output.h"
#include "valise-source-opening.h"
#include "valise-table.h"

typedef struct
{
  char **sources;
  gboolean json;
  gboolean compact;
} Options;

/* Whether a drive that starts by BIOS can be made of it. */
static gboolean
can_bios (const ValiseEdition *edition)
{
  return valise_bios_check_bootmgr (edition->architecture, edition->boots_bios,
                                    edition->bootmgr_bytes, NULL);
}

static char *
format_boot (const ValiseEdition *edition)
{
  const struct
  {
    gboolean has;
    const char *name;
  } kinds[] = {
    { edition->boots_uefi, "UEFI" },
    { can_bios (edition), "BIOS" },
    { edition->boots_ca2023, "CA-2023" },
  };
  g_autoptr (GString) text = g_string_new (NULL);

  if (!edition->is_system)
    return g_strdup (_("not for drives"));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].has)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", kinds[i].name);
  if (text->len == 0)
    g_string_append (text, _("none"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
have_descriptions (GPtrArray *editions)
{
  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (editions, i);

      if (*edition->description != '\0' && !g_str_equal (edition->description, edition->name))
        return TRUE;
    }
  return FALSE;
}

static void
print_table (ValiseSource *source, GPtrArray *boot, const ValiseCompactEstimate *estimates)
{
  GPtrArray *editions = valise_source_get_editions (source);
  gboolean descriptions = have_descriptions (editions);
  g_autoptr (ValiseTable) table = valise_table_new ();
  g_autofree char *name = g_filename_display_basename (valise_source_get_path (source));
  g_autofree char *clean = valise_text_clean (name);
  g_autofree char *size = valise_text_size (valise_source_get_size (source));
  g_autofree char *format = g_ascii_strup (valise_source_get_format (source), -1);
  g_autofree char *text = NULL;

  valise_table_add_column (table, _("No."), TRUE);
  valise_table_add_column (table, _("Name"), FALSE);
  if (descriptions)
    valise_table_add_column (table, _("Description"), FALSE);
  valise_table_add_column (table, _("Edition"), FALSE);
  valise_table_add_column (table, _("Version"), FALSE);
  valise_table_add_column (table, _("Architecture"), FALSE);
  valise_table_add_column (table, _("Languages"), FALSE);
  valise_table_add_column (table, _("Size"), TRUE);
  valise_table_add_column (table, _("Files"), TRUE);
  valise_table_add_column (table, _("Boot files"), FALSE);
  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (editions, i);
      g_autofree char *index = g_strdup_printf ("%u", edition->index);
      g_autofree char *languages = g_strjoinv (" ", edition->languages);
      g_autofree char *bytes = valise_text_size (edition->bytes);
      g_autofree char *files = g_strdup_printf ("%'" G_GUINT64_FORMAT, edition->n_files);
      g_autofree char *kinds = format_boot (edition);
      guint column = 0;

      valise_table_set (table, i, column++, index);
      valise_table_set (table, i, column++, edition->name);
      if (descriptions)
        valise_table_set (table, i, column++, edition->description);
      valise_table_set (table, i, column++, edition->edition_id);
      valise_table_set (table, i, column++, edition->version);
      valise_table_set (table, i, column++, edition->architecture);
      valise_table_set (table, i, column++, languages);
      valise_table_set (table, i, column++, bytes);
      valise_table_set (table, i, column++, files);
      valise_table_set (table, i, column++, kinds);
    }
  text = valise_table_format (table);
  /* Translators: a file's name, a format such as “WIM”, a size. */
  valise_output_print (stdout,
                       valise_source_is_iso (source) ? _("%s: ISO with a %s image, %s\n\n")
                                                     : _("%s: %s image, %s\n\n"),
                       clean, format, size);
  valise_output_print (stdout, "%s", text);
  valise_boot_print_table (editions, boot);
  if (estimates != NULL)
    valise_compact_print_table (editions, estimates);
  valise_boot_print_warnings (editions, boot);
}

static void
add_edition (JsonBuilder *builder, const ValiseEdition *edition, const ValiseBootFiles *boot,
             const ValiseCompactEstimate *estimate)
{
  const ValiseWarningFacts facts = { .edition = edition, .boot = boot };
  g_autoptr (GPtrArray) warnings = valise_warnings_find (&facts);

  json_builder_begin_object (builder);
  valise_json_add_int (builder, "index", edition->index);
  valise_json_add_string (builder, "name", edition->name);
  valise_json_add_string (builder, "description", edition->description);
  valise_json_add_string (builder, "editionId", edition->edition_id);
  valise_json_add_string (builder, "version", edition->version);
  valise_json_add_int (builder, "build", edition->build);
  valise_json_add_string (builder, "architecture", edition->architecture);
  valise_json_add_strings (builder, "languages", (const char *const *) edition->languages);
  valise_json_add_string (builder, "defaultLanguage", edition->default_language);
  valise_json_add_int (builder, "bytes", edition->bytes);
  valise_json_add_int (builder, "hardLinkBytes", edition->hard_link_bytes);
  valise_json_add_int (builder, "files", edition->n_files);
  valise_json_add_int (builder, "folders", edition->n_folders);
  valise_json_add_boolean (builder, "system", edition->is_system);
  json_builder_set_member_name (builder, "boot");
  json_builder_begin_object (builder);
  valise_json_add_boolean (builder, "uefi", edition->boots_uefi);
  valise_json_add_boolean (builder, "bios", can_bios (edition));
  valise_json_add_boolean (builder, "ca2023", edition->boots_ca2023);
  json_builder_end_object (builder);
  valise_boot_print_json (builder, boot);
  if (estimate != NULL && edition->is_system)
    valise_compact_print_json (builder, estimate);
  valise_boot_print_warnings_json (builder, warnings);
  json_builder_end_object (builder);
}

static void
print_json (ValiseSource *source, GPtrArray *boot, const ValiseCompactEstimate *estimates)
{
  GPtrArray *editions = valise_source_get_editions (source);
  g_autofree char *path = g_filename_display_name (valise_source_get_path (source));
  JsonBuilder *builder = valise_json_begin ();

  valise_json_add_string (builder, "source", path);
  valise_json_add_string (builder, "format", valise_source_get_format (source));
  valise_json_add_boolean (builder, "iso", valise_source_is_iso (source));
  valise_json_add_int (builder, "size", valise_source_get_size (source));
  json_builder_set_member_name (builder, "editions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < editions->len; i++)
    add_edition (builder, editions->pdata[i], boot->pdata[i],
                 estimates != NULL ? &estimates[i] : NULL);
  json_builder_end_array (builder);
  valise_json_print (builder);
}

static gboolean
inspect (const Options *options, GError **error)
{
  g_auto (ValiseSourceOpening) opening = { 0 };

  if (!valise_source_opening_run (&opening, options->sources[0], options->compact, error))
    return FALSE;
  if (options->json)
    print_json (opening.source, opening.boot, opening.estimates);
  else
    print_table (opening.source, opening.boot, opening.estimates);
  if (valise_output_flush (stdout))
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               _("The list could not be printed: %s. Look where standard output leads to."),
               g_strerror (errno));
  return FALSE;
}

static gboolean
parse (char **arguments, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "compact", 0, 0, G_OPTION_ARG_NONE, &options->compact,
      N_("Estimate how much space is needed with each way to compress Windows"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_("Print JSON"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->sources, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_("SOURCE"));

  g_option_context_set_summary (
      context, _("Lists the editions of Windows in an ISO, WIM, ESD or SWM file."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!valise_command_parse (context, arguments, error))
    return FALSE;
  if (options->sources != NULL && g_strv_length (options->sources) == 1)
    return TRUE;
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _("Name one ISO, WIM, ESD or SWM file: “valise inspect SOURCE”."));
  return FALSE;
}

/**
 * valise_command_inspect:
 * @arguments: `inspect` and what stands behind it
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_inspect (char **arguments)
{
  Options options = { 0 };
  g_auto (GStrv) sources = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = parse (arguments, &options, &error);

  sources = options.sources;
  if (ok && inspect (&options, &error))
    return VALISE_EXIT_OK;
  return valise_command_fail_object (error, options.json);
}
