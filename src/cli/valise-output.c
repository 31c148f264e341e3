/* valise-output.c: what valise says, on standard output and standard error.
 *
 * Everything is UTF-8 inside; it is brought to the locale's character set here. A reader that went
 * away is no reason to leave a drive half written: nothing here ends the program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-output.h"

#include <glib/gi18n.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/valise-text.h"

#define WIDTH_UNKNOWN 80

/* Whether the cursor stands behind a line that is not finished. Main thread only. */
static gboolean drawn;

/**
 * valise_output_is_terminal:
 * @stream: stdout or stderr
 *
 * Returns: whether a person reads it, and lines can be drawn anew
 */
gboolean
valise_output_is_terminal (FILE *stream)
{
  return isatty (fileno (stream)) == 1 && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/**
 * valise_output_get_width:
 * @stream: stdout or stderr
 *
 * Returns: how many columns the terminal has now
 */
guint
valise_output_get_width (FILE *stream)
{
  struct winsize size = { 0 };

  if (ioctl (fileno (stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return WIDTH_UNKNOWN;
  return size.ws_col;
}

/**
 * valise_output_print:
 * @stream: stdout or stderr
 * @format: a format for g_strdup_printf()
 * @...: what it asks for
 *
 * Prints UTF-8 in the locale's character set.
 */
void
valise_output_print (FILE *stream, const char *format, ...)
{
  g_autofree char *text = NULL;
  const char *charset;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (g_get_charset (&charset))
    fputs (text, stream);
  else
    {
      g_autofree char *encoded = valise_text_encode (text, charset);

      fputs (encoded, stream);
    }
}

/**
 * valise_output_flush:
 * @stream: stdout or stderr
 *
 * Returns: whether everything that was printed has arrived
 */
gboolean
valise_output_flush (FILE *stream)
{
  return fflush (stream) == 0 && !ferror (stream);
}

/**
 * valise_output_status:
 * @line: (nullable): a line without its end, or %NULL for none
 *
 * Draws @line on standard error, which is a terminal, in place of the one before. What is said by
 * valise_output_note() and valise_output_error() removes it. Main thread only.
 */
void
valise_output_status (const char *line)
{
  if (drawn)
    fputs ("\r\033[K", stderr);
  drawn = line != NULL;
  if (drawn)
    valise_output_print (stderr, "%s", line);
  valise_output_flush (stderr);
}

/**
 * valise_output_note:
 * @message: whole sentences
 *
 * Says something beside the result on standard error. Main thread only.
 */
void
valise_output_note (const char *message)
{
  g_autofree char *clean = valise_text_clean (message);

  valise_output_status (NULL);
  valise_output_print (stderr, "%s\n", clean);
  valise_output_flush (stderr);
}

/**
 * valise_output_error:
 * @message: whole sentences
 *
 * Says what went wrong, as `valise: …` on standard error. Main thread only.
 */
void
valise_output_error (const char *message)
{
  g_autofree char *clean = valise_text_clean (message);

  valise_output_status (NULL);
  valise_output_print (stderr, "valise: %s\n", clean);
  valise_output_flush (stderr);
}
