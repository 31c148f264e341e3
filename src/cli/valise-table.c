/* valise-table.c: a table of text for a terminal.
 *
 * Columns are aligned by what a terminal shows, not by bytes or characters: names in East Asian
 * scripts take two columns a character.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-table.h"

#include "core/valise-text.h"

#define GAP 2

typedef struct
{
  gboolean right;
  guint width;
  GPtrArray *cells; /* char * or NULL; the first is the heading */
} Column;

struct _ValiseTable
{
  GPtrArray *columns; /* Column */
  guint n_rows;       /* without the headings */
};

static void
column_free (Column *column)
{
  g_ptr_array_unref (column->cells);
  g_free (column);
}

/**
 * valise_table_new:
 *
 * Returns: (transfer full): an empty table
 */
ValiseTable *
valise_table_new (void)
{
  ValiseTable *self = g_new0 (ValiseTable, 1);

  self->columns = g_ptr_array_new_with_free_func ((GDestroyNotify) column_free);
  return self;
}

/**
 * valise_table_free:
 * @self: (transfer full): a table
 */
void
valise_table_free (ValiseTable *self)
{
  g_ptr_array_unref (self->columns);
  g_free (self);
}

static void
set_cell (Column *column, guint index, const char *text)
{
  char *clean = valise_text_clean (text);

  if (column->cells->len <= index)
    g_ptr_array_set_size (column->cells, index + 1);
  g_free (column->cells->pdata[index]);
  column->cells->pdata[index] = clean;
  column->width = MAX (column->width, valise_text_width (clean));
}

/**
 * valise_table_add_column:
 * @self: a table
 * @heading: what stands above it
 * @right: whether cells are aligned to the right, as figures are
 *
 * Returns: the column's index
 */
guint
valise_table_add_column (ValiseTable *self, const char *heading, gboolean right)
{
  Column *column = g_new0 (Column, 1);

  column->right = right;
  column->cells = g_ptr_array_new_with_free_func (g_free);
  set_cell (column, 0, heading);
  g_ptr_array_add (self->columns, column);
  return self->columns->len - 1;
}

/**
 * valise_table_set:
 * @self: a table
 * @row: a row; the first is 0
 * @column: a column's index
 * @text: (nullable): what stands there; cleaned as by valise_text_clean()
 */
void
valise_table_set (ValiseTable *self, guint row, guint column, const char *text)
{
  g_return_if_fail (column < self->columns->len);

  set_cell (g_ptr_array_index (self->columns, column), row + 1, text);
  self->n_rows = MAX (self->n_rows, row + 1);
}

static void
append_blanks (GString *text, guint count)
{
  for (guint i = 0; i < count; i++)
    g_string_append_c (text, ' ');
}

/**
 * valise_table_format:
 * @self: a table
 *
 * Returns: (transfer full): the headings and rows, one a line, without blanks at the ends
 */
char *
valise_table_format (ValiseTable *self)
{
  GString *text = g_string_new (NULL);

  for (guint row = 0; row <= self->n_rows; row++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      for (guint i = 0; i < self->columns->len; i++)
        {
          const Column *column = g_ptr_array_index (self->columns, i);
          const char *cell = row < column->cells->len ? column->cells->pdata[row] : NULL;
          guint blanks = column->width - (cell != NULL ? valise_text_width (cell) : 0);

          if (i > 0)
            append_blanks (line, GAP);
          if (column->right)
            append_blanks (line, blanks);
          g_string_append (line, cell != NULL ? cell : "");
          if (!column->right)
            append_blanks (line, blanks);
        }
      g_strchomp (line->str);
      g_string_append_printf (text, "%s\n", line->str);
    }
  return g_string_free (text, FALSE);
}
