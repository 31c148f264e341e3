/* valise-command-drives.c: `valise drives`: which drives there are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "devices/valise-drive-probe.h"
#include "valise-drive-wait.h"
#include "valise-json.h"
#include "valise-output.h"
#include "valise-table.h"

typedef struct
{
  char **rest;
  gboolean json;
  gboolean all;
} Options;

/* ---- in words ---- */

static char *
format_bus (const ValiseDriveFacts *facts)
{
  g_autofree char *bus = facts->bus != NULL ? g_ascii_strup (facts->bus, -1) : g_strdup ("");

  if (facts->speed == 0)
    return g_steal_pointer (&bus);
  if (facts->speed >= 1000 * 1000 * 1000)
    /* Translators: a bus, such as USB, and what it carries. */
    return g_strdup_printf (_("%s, %.3g Gbit/s"), bus, facts->speed / 1e9);
  return g_strdup_printf (_("%s, %.3g Mbit/s"), bus, facts->speed / 1e6);
}

static char *
format_part (const ValiseDrivePart *part)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *size = valise_text_size (part->size);

  if (part->label != NULL)
    g_string_append_printf (text, _("“%s” "), part->label);
  g_string_append_printf (text, "%s %s", part->type != NULL ? part->type : _("unknown"), size);
  if (part->used != VALISE_DRIVE_UNKNOWN)
    {
      g_autofree char *used = valise_text_size (part->used);

      /* Translators: how much of a file system is used. */
      g_string_append_printf (text, _(", %s used"), used);
    }
  if (part->mounts[0] != NULL)
    {
      g_autofree char *folder = g_filename_display_name (part->mounts[0]);

      /* Translators: a folder. */
      g_string_append_printf (text, _(", mounted on %s"), folder);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
format_contents (const ValiseDriveFacts *facts)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < facts->parts->len; i++)
    {
      g_autofree char *part = format_part (facts->parts->pdata[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", part);
    }
  if (text->len == 0 && facts->has_medium)
    g_string_append (text, facts->table != NULL ? _("no partitions") : _("nothing known"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
format_state (const ValiseDriveFacts *facts)
{
  if (facts->refusal != NULL)
    return g_strdup (facts->refusal->message);
  return g_strdup (facts->removable ? "" : _("built into this computer"));
}

static gboolean
is_shown (const ValiseDriveFacts *facts, gboolean all)
{
  return all || (facts->removable && facts->refusal == NULL);
}

static void
print_table (GPtrArray *shown, gboolean all)
{
  g_autoptr (ValiseTable) table = valise_table_new ();
  g_autofree char *text = NULL;

  valise_table_add_column (table, _("Drive"), FALSE);
  valise_table_add_column (table, _("Name"), FALSE);
  valise_table_add_column (table, _("Size"), TRUE);
  valise_table_add_column (table, _("Bus"), FALSE);
  valise_table_add_column (table, _("Serial number"), FALSE);
  valise_table_add_column (table, _("What is on it"), FALSE);
  if (all)
    valise_table_add_column (table, _("Not offered because"), FALSE);
  for (guint i = 0; i < shown->len; i++)
    {
      const ValiseDriveFacts *facts = shown->pdata[i];
      g_autofree char *name = valise_drive_facts_dup_name (facts);
      g_autofree char *size = facts->has_medium ? valise_text_size (facts->size) : g_strdup ("");
      g_autofree char *bus = format_bus (facts);
      g_autofree char *contents = format_contents (facts);
      g_autofree char *state = format_state (facts);

      valise_table_set (table, i, 0, facts->device);
      valise_table_set (table, i, 1, name);
      valise_table_set (table, i, 2, size);
      valise_table_set (table, i, 3, bus);
      valise_table_set (table, i, 4, facts->serial != NULL ? facts->serial : "");
      valise_table_set (table, i, 5, contents);
      if (all)
        valise_table_set (table, i, 6, state);
    }
  text = valise_table_format (table);
  valise_output_print (stdout, "%s", text);
}

/* ---- for programs ---- */

static const char *
get_use (ValiseDriveUse use)
{
  switch (use)
    {
    case VALISE_DRIVE_USE_MOUNTED:
      return "mounted";
    case VALISE_DRIVE_USE_SWAP:
      return "swap";
    case VALISE_DRIVE_USE_UNLOCKED:
      return "unlocked";
    case VALISE_DRIVE_USE_RAID:
      return "raid";
    case VALISE_DRIVE_USE_LVM:
      return "lvm";
    case VALISE_DRIVE_USE_LOOP:
      return "loop";
    case VALISE_DRIVE_USE_OTHER:
      return "other";
    case VALISE_DRIVE_USE_NONE:
    default:
      return "none";
    }
}

static void
add_part (JsonBuilder *builder, const ValiseDrivePart *part)
{
  json_builder_begin_object (builder);
  valise_json_add_int (builder, "number", part->number);
  valise_json_add_string (builder, "device", part->device);
  valise_json_add_int (builder, "size", part->size);
  valise_json_add_string (builder, "type", part->type);
  valise_json_add_string (builder, "label", part->label);
  valise_json_add_strings (builder, "mounts", (const char *const *) part->mounts);
  if (part->used != VALISE_DRIVE_UNKNOWN)
    valise_json_add_int (builder, "used", part->used);
  valise_json_add_string (builder, "use", get_use (part->use));
  json_builder_end_object (builder);
}

static void
add_drive (JsonBuilder *builder, const ValiseDriveFacts *facts)
{
  json_builder_begin_object (builder);
  valise_json_add_string (builder, "id", facts->id);
  valise_json_add_boolean (builder, "idLasts", facts->id_lasts);
  valise_json_add_string (builder, "device", facts->device);
  valise_json_add_string (builder, "vendor", facts->vendor);
  valise_json_add_string (builder, "model", facts->model);
  valise_json_add_string (builder, "serial", facts->serial);
  valise_json_add_string (builder, "wwn", facts->wwn);
  valise_json_add_int (builder, "size", facts->size);
  valise_json_add_string (builder, "bus", facts->bus);
  if (facts->speed > 0)
    valise_json_add_int (builder, "speed", facts->speed);
  valise_json_add_boolean (builder, "removable", facts->removable);
  valise_json_add_boolean (builder, "ejectable", facts->ejectable);
  valise_json_add_boolean (builder, "canPowerOff", facts->can_power_off);
  valise_json_add_boolean (builder, "optical", facts->optical);
  valise_json_add_boolean (builder, "medium", facts->has_medium);
  valise_json_add_boolean (builder, "readOnly", facts->read_only);
  valise_json_add_string (builder, "table", facts->table);
  json_builder_set_member_name (builder, "partitions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < facts->parts->len; i++)
    add_part (builder, facts->parts->pdata[i]);
  json_builder_end_array (builder);
  valise_json_add_boolean (builder, "offered", facts->removable && facts->refusal == NULL);
  if (facts->refusal != NULL)
    valise_json_add_error (builder, facts->refusal);
  json_builder_end_object (builder);
}

static void
print_json (GPtrArray *shown)
{
  JsonBuilder *builder = valise_json_begin ();

  json_builder_set_member_name (builder, "drives");
  json_builder_begin_array (builder);
  for (guint i = 0; i < shown->len; i++)
    add_drive (builder, shown->pdata[i]);
  json_builder_end_array (builder);
  valise_json_print (builder);
}

/* ---- the command ---- */

static gboolean
list_drives (const Options *options, GError **error)
{
  g_autoptr (ValiseDriveList) list = valise_drive_wait_list ();
  g_autoptr (GPtrArray) without = NULL;
  g_autoptr (GPtrArray) shown = g_ptr_array_new ();
  guint n_all;

  if (valise_drive_list_get_state (list) == VALISE_DRIVE_LIST_UNAVAILABLE)
    {
      valise_output_note (_("udisks2 does not answer. The drives are listed as the kernel knows "
                            "them, and only root can write to them."));
      without = valise_drive_probe_sysfs ();
    }
  n_all = without != NULL ? without->len : g_list_model_get_n_items (G_LIST_MODEL (list));
  for (guint i = 0; i < n_all; i++)
    {
      g_autoptr (ValiseDrive) drive
          = without == NULL ? g_list_model_get_item (G_LIST_MODEL (list), i) : NULL;
      const ValiseDriveFacts *facts
          = drive != NULL ? valise_drive_get_facts (drive) : without->pdata[i];

      if (is_shown (facts, options->all))
        g_ptr_array_add (shown, (gpointer) facts);
    }

  if (options->json)
    print_json (shown);
  else if (shown->len > 0)
    print_table (shown, options->all);
  else if (n_all == 0)
    valise_output_note (_("There are no drives."));
  else
    valise_output_note (_("There is no drive that could be used. Plug one in; “valise drives "
                          "--all” shows the others, and why they are not offered."));
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
    { "all", 0, 0, G_OPTION_ARG_NONE, &options->all,
      N_("Show drives that are not offered too, and why"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_("Print JSON"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, _("Lists the drives that Windows can be written to."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!valise_command_parse (context, arguments, error))
    return FALSE;
  if (options->rest == NULL)
    return TRUE;
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _("“valise drives” takes only options: “valise drives [--all] [--json]”."));
  return FALSE;
}

/**
 * valise_command_drives:
 * @arguments: `drives` and what stands behind it
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_drives (char **arguments)
{
  Options options = { 0 };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = parse (arguments, &options, &error);

  rest = options.rest;
  if (ok && list_drives (&options, &error))
    return VALISE_EXIT_OK;
  return valise_command_fail_object (error, options.json);
}
