/* valise-progress-line.c: how far a job is, on one line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-progress-line.h"

#include <glib/gi18n.h>

#include "core/valise-text.h"
#include "jobs/valise-time-left.h"

#define BAR_LEAST 10
#define BAR_MOST 30

/* What is said of the speed and the rest; only what is known. */
static char *
format_figures (const ValiseProgressLine *self)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%3d %%", (int) (CLAMP (self->fraction, 0, 1) * 100));
  if (self->bytes > 0)
    {
      g_autofree char *size = valise_text_size (self->bytes);

      g_string_append (text, "  ");
      /* Translators: %s is a size such as “1.2 GB”. */
      g_string_append_printf (text, self->reading ? _("%s read back") : _("%s on the drive"), size);
    }
  if (self->rate >= 1)
    {
      g_autofree char *size = valise_text_size ((guint64) self->rate);

      g_string_append (text, "  ");
      /* Translators: %s is a size such as “45.3 MB”; this is a speed. */
      g_string_append_printf (text, _("%s/s"), size);
    }
  if (self->seconds >= 0)
    {
      g_autofree char *duration = valise_text_duration (self->seconds);

      g_string_append (text, "  ");
      /* Translators: %s is a duration such as “12:30”. */
      g_string_append_printf (text, _("%s left"), duration);
    }
  return g_string_free (text, FALSE);
}

/**
 * valise_progress_line_format:
 * @self: how far a job is
 * @width: columns that the line may take, or 0 for a line without a bar, as long as it gets
 *
 * Returns: (transfer full): one line, in words
 */
char *
valise_progress_line_format (const ValiseProgressLine *self, guint width)
{
  const char *stage = valise_stage_get_name (self->stage);
  g_autofree char *figures = format_figures (self);
  guint used = valise_text_width (stage) + valise_text_width (figures) + 2;
  g_autoptr (GString) line = g_string_new (stage);

  if (width >= used + 4 + BAR_LEAST)
    {
      guint bar = MIN (width - used - 4, BAR_MOST);
      guint full = (guint) (CLAMP (self->fraction, 0, 1) * bar);

      g_string_append (line, "  [");
      for (guint i = 0; i < bar; i++)
        g_string_append_c (line, i < full ? '#' : '.');
      g_string_append_c (line, ']');
    }
  g_string_append_printf (line, "  %s", figures);
  return width > 0 ? valise_text_ellipsize (line->str, width)
                   : g_string_free (g_steal_pointer (&line), FALSE);
}
