/* valise-driver-table.c: drivers that were found, for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-driver-table.h"

#include <glib/gi18n.h>

#include "boot/valise-driver-set.h"
#include "core/valise-text.h"
#include "valise-output.h"
#include "valise-table.h"

/**
 * valise_driver_table_print:
 * @packages: (element-type ValiseDriverPackage): drivers
 * @stream: stdout or stderr
 *
 * Prints a line for each: what it is, and whether it can be used.
 */
void
valise_driver_table_print (const GPtrArray *packages, FILE *stream)
{
  g_autoptr (ValiseTable) table = valise_table_new ();
  g_autofree char *text = NULL;

  valise_table_add_column (table, _("DRIVER"), FALSE);
  valise_table_add_column (table, _("PROVIDER"), FALSE);
  valise_table_add_column (table, _("CLASS"), FALSE);
  valise_table_add_column (table, _("VERSION"), FALSE);
  valise_table_add_column (table, _("FITS"), FALSE);
  for (guint i = 0; i < packages->len; i++)
    {
      const ValiseDriverPackage *package = g_ptr_array_index (packages, i);
      const ValiseInf *inf = package->inf;
      const char *const cells[]
          = { package->name, inf != NULL ? inf->provider : NULL,
              inf != NULL ? inf->class_name : NULL, inf != NULL ? inf->version : NULL,
              valise_driver_package_get_fit (package) };

      for (guint j = 0; j < G_N_ELEMENTS (cells); j++)
        {
          /* What an INF says is foreign: no terminal shall obey it. */
          g_autofree char *cell = valise_text_clean (cells[j] != NULL ? cells[j] : "");

          valise_table_set (table, i, j, cell);
        }
    }
  text = valise_table_format (table);
  valise_output_print (stream, "%s", text);
}
