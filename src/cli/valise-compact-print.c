/* valise-compact-print.c: what an image's editions take when compressed, as text and JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-print.h"

#include <glib/gi18n.h>

#include "compact/valise-compact-mode.h"
#include "core/valise-text.h"
#include "image/valise-edition.h"
#include "valise-json.h"
#include "valise-output.h"
#include "valise-table.h"

/* Those that have one algorithm. */
static const ValiseCompactMode modes[] = {
  VALISE_COMPACT_MODE_XPRESS4K,
  VALISE_COMPACT_MODE_XPRESS8K,
  VALISE_COMPACT_MODE_XPRESS16K,
  VALISE_COMPACT_MODE_LZX,
};

static guint64
get_bytes (const ValiseCompactEstimate *estimate, ValiseCompactMode mode)
{
  ValiseWofAlgorithm algorithm;

  return valise_compact_mode_get_algorithm (mode, &algorithm)
             ? valise_compact_estimate_get_bytes (estimate, algorithm)
             : estimate->plain_bytes;
}

/**
 * valise_compact_print_table:
 * @editions: (element-type ValiseEdition): an image's editions
 * @estimates: what they take, in their order
 *
 * Prints a table of the editions that can start.
 */
void
valise_compact_print_table (GPtrArray *editions, const ValiseCompactEstimate *estimates)
{
  g_autoptr (ValiseTable) table = valise_table_new ();
  g_autofree char *text = NULL;
  guint row = 0;

  valise_table_add_column (table, _("No."), TRUE);
  valise_table_add_column (table, valise_compact_mode_names[VALISE_COMPACT_MODE_OFF], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    valise_table_add_column (table, valise_compact_mode_names[modes[i]], TRUE);
  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (editions, i);
      g_autofree char *index = g_strdup_printf ("%u", edition->index);
      g_autofree char *plain = valise_text_size (estimates[i].plain_bytes);

      if (!edition->is_system)
        continue;
      valise_table_set (table, row, 0, index);
      valise_table_set (table, row, 1, plain);
      for (guint j = 0; j < G_N_ELEMENTS (modes); j++)
        {
          g_autofree char *bytes = valise_text_size (get_bytes (&estimates[i], modes[j]));

          valise_table_set (table, row, 2 + j, bytes);
        }
      row++;
    }
  text = valise_table_format (table);
  valise_output_print (stdout, "\n%s\n\n%s",
                       _("Space on the drive, estimated from a sample, by what --compact is:"),
                       text);
}

/**
 * valise_compact_print_json:
 * @builder: in an object
 * @estimate: what an edition takes
 *
 * Adds the member `compact`: bytes by what --compact is, and of how many bytes the sample was.
 */
void
valise_compact_print_json (JsonBuilder *builder, const ValiseCompactEstimate *estimate)
{
  json_builder_set_member_name (builder, "compact");
  json_builder_begin_object (builder);
  valise_json_add_int (builder, valise_compact_mode_names[VALISE_COMPACT_MODE_OFF],
                       estimate->plain_bytes);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    valise_json_add_int (builder, valise_compact_mode_names[modes[i]],
                         get_bytes (estimate, modes[i]));
  valise_json_add_int (builder, "sampleBytes", estimate->sample_bytes);
  json_builder_end_object (builder);
}
