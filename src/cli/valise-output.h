/* valise-output.h: what valise says, on standard output and standard error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <stdio.h>

G_BEGIN_DECLS

gboolean valise_output_is_terminal (FILE *stream);
guint valise_output_get_width (FILE *stream);
void valise_output_print (FILE *stream, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean valise_output_flush (FILE *stream);
void valise_output_status (const char *line);
void valise_output_note (const char *message);
void valise_output_error (const char *message);

G_END_DECLS
