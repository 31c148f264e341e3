/* valise-table.h: a table of text for a terminal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseTable:
 *
 * Rows of cells, the first of which are the headings. A column is as wide as its widest cell.
 */
typedef struct _ValiseTable ValiseTable;

ValiseTable *valise_table_new (void);
void valise_table_free (ValiseTable *self);
guint valise_table_add_column (ValiseTable *self, const char *heading, gboolean right);
void valise_table_set (ValiseTable *self, guint row, guint column, const char *text);
char *valise_table_format (ValiseTable *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseTable, valise_table_free)

G_END_DECLS
