/* valise-question.c: asking before a drive is erased.
 *
 * The question goes to the terminal itself, wherever standard output and standard error lead, and
 * what was typed before it was asked is no answer. Only the whole word counts as yes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-question.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <termios.h>
#include <unistd.h>

#include "core/valise-text.h"

#define ANSWER_MOST 256

static void
append_content (GString *text, const ValiseDriveContent *content)
{
  g_autofree char *size = valise_text_size (content->size);
  g_autofree char *label = valise_text_clean (content->label);
  g_autofree char *type = valise_text_clean (content->type);
  const char *what = *type != '\0' ? type : _("unknown content");

  g_string_append (text, "    ");
  if (content->number == 0 && *label != '\0')
    /* Translators: a file system such as “vfat”, and its label. */
    g_string_append_printf (text, _("%s “%s”"), what, label);
  else if (content->number == 0)
    g_string_append (text, what);
  else if (*label != '\0')
    /* Translators: number, file system, label, size. */
    g_string_append_printf (text, _("partition %u: %s “%s”, %s"), content->number, what, label,
                            size);
  else
    /* Translators: number, file system, size. */
    g_string_append_printf (text, _("partition %u: %s, %s"), content->number, what, size);
  g_string_append_c (text, '\n');
}

static void
append_head (GString *text, const ValiseDriveInfo *drive)
{
  g_autofree char *shown = g_filename_display_name (drive->path);
  g_autofree char *path = valise_text_clean (shown);
  g_autofree char *vendor = valise_text_clean (drive->vendor);
  g_autofree char *model = valise_text_clean (drive->model);
  g_autofree char *serial = valise_text_clean (drive->serial);
  g_autofree char *size = valise_text_size (drive->size);

  g_string_append_printf (text, "  %s  ", path);
  if (drive->kind == VALISE_DRIVE_KIND_FILE)
    {
      /* Translators: %s is a size. */
      g_string_append_printf (text, _("a file of %s\n"), size);
      return;
    }
  if (*vendor != '\0')
    g_string_append_printf (text, "%s ", vendor);
  g_string_append_printf (text, "%s, ", *model != '\0' ? model : _("unknown model"));
  if (*serial != '\0')
    /* Translators: %s is a drive's serial number. */
    g_string_append_printf (text, _("serial number %s, "), serial);
  else
    g_string_append (text, _("no serial number, "));
  g_string_append_printf (text, "%s\n", size);
  if (drive->backing_file != NULL)
    {
      g_autofree char *file = valise_text_clean (drive->backing_file);

      /* Translators: a loop device is made of that file. */
      g_string_append_printf (text, _("    made of the file “%s”\n"), file);
    }
}

/**
 * valise_question_describe:
 * @drive: a drive
 * @contents: what is on it
 *
 * Returns: (transfer full): lines that name the drive and what will be lost with it
 */
char *
valise_question_describe (const ValiseDriveInfo *drive, const ValiseDriveContents *contents)
{
  GString *text = g_string_new (NULL);

  append_head (text, drive);
  for (guint i = 0; i < contents->parts->len; i++)
    append_content (text, g_ptr_array_index (contents->parts, i));
  if (!contents->readable)
    g_string_append (text, _("    what is on it cannot be read\n"));
  else if (contents->parts->len == 0 && contents->table != NULL)
    /* Translators: %s is the kind of partition table, such as “gpt”. */
    g_string_append_printf (text, _("    an empty partition table (%s)\n"), contents->table);
  else if (contents->parts->len == 0)
    g_string_append (text, _("    no partitions and no file system that is known\n"));
  return g_string_free (text, FALSE);
}

/**
 * valise_question_is_yes:
 * @answer: what the user typed
 *
 * Returns: whether that means yes, in English or the user's language
 */
gboolean
valise_question_is_yes (const char *answer)
{
  g_autofree char *word = valise_text_clean (answer);
  g_autofree char *folded = g_utf8_casefold (word, -1);
  /* Translators: what the user types in full to let a drive be erased. */
  g_autofree char *translated = g_utf8_casefold (C_("answer", "yes"), -1);

  return g_str_equal (folded, "yes") || g_str_equal (folded, translated);
}

typedef struct
{
  GMainLoop *loop;
  char answer[ANSWER_MOST];
  gsize size;
} Asking;

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer data)
{
  Asking *asking = data;
  gssize n = read (fd, asking->answer + asking->size, ANSWER_MOST - 1 - asking->size);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      asking->size += n;
      if (asking->answer[asking->size - 1] != '\n' && asking->size < ANSWER_MOST - 1)
        return G_SOURCE_CONTINUE;
    }
  else
    asking->size = 0;
  g_main_loop_quit (asking->loop);
  return G_SOURCE_CONTINUE;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_main_loop_quit (data);
}

static void
write_all (int fd, const char *text)
{
  gsize size = strlen (text);

  while (size > 0)
    {
      gssize n = write (fd, text, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return;
      text += n;
      size -= n;
    }
}

static ValiseAnswer
ask_on (int in, int out, const char *question, GCancellable *cancellable)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Asking asking = { .loop = loop };
  const char *charset;
  g_autofree char *encoded
      = g_get_charset (&charset) ? g_strdup (question) : valise_text_encode (question, charset);
  gulong handler;
  guint source;

  tcflush (in, TCIFLUSH);
  write_all (out, encoded);
  source = g_unix_fd_add (in, G_IO_IN | G_IO_HUP | G_IO_ERR, readable_cb, &asking);
  handler = g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), loop);
  if (!g_cancellable_is_cancelled (cancellable))
    g_main_loop_run (loop);
  g_signal_handler_disconnect (cancellable, handler);
  g_source_remove (source);
  if (g_cancellable_is_cancelled (cancellable))
    return VALISE_ANSWER_CANCELLED;
  asking.answer[asking.size] = '\0';
  if (asking.size == 0)
    write_all (out, "\n");
  return valise_question_is_yes (asking.answer) ? VALISE_ANSWER_YES : VALISE_ANSWER_NO;
}

/**
 * valise_question_is_possible:
 *
 * Returns: whether there is a terminal to ask on
 */
gboolean
valise_question_is_possible (void)
{
  int tty = open ("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

  if (tty < 0)
    return isatty (STDIN_FILENO) == 1;
  close (tty);
  return TRUE;
}

/**
 * valise_question_ask:
 * @question: what to ask, without a line end
 * @cancellable: cancelled by whoever ends the question
 *
 * Asks on the terminal, and waits for the answer in a main loop. Main thread only.
 *
 * Returns: the answer
 */
ValiseAnswer
valise_question_ask (const char *question, GCancellable *cancellable)
{
  int tty = open ("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  ValiseAnswer answer;

  if (tty >= 0)
    {
      answer = ask_on (tty, tty, question, cancellable);
      close (tty);
      return answer;
    }
  if (isatty (STDIN_FILENO) == 1)
    return ask_on (STDIN_FILENO, STDERR_FILENO, question, cancellable);
  return VALISE_ANSWER_NOBODY;
}
