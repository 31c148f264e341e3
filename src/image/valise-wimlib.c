/* valise-wimlib.c: wimlib as the other files here use it: started once, cancellable, its errors in
 * our words.
 *
 * wimlib tells what went wrong as a number, and more about it, such as a file's name, on a stream.
 * That stream is caught here, for each thread by itself, and goes into the message.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-wimlib.h"

#include <glib/gi18n-lib.h>
#include <libxml/xmlerror.h>
#include <stdio.h>

#include "core/valise-error.h"

/* Of what wimlib says, more than this is not kept. */
#define SAID_MAX 4096

static void
said_free (gpointer data)
{
  g_string_free (data, TRUE);
}

static GPrivate said_key = G_PRIVATE_INIT (said_free);

static GString *
get_said (void)
{
  GString *said = g_private_get (&said_key);

  if (said == NULL)
    {
      said = g_string_new (NULL);
      g_private_set (&said_key, said);
    }
  return said;
}

static gssize
said_write (void *cookie, const char *text, gsize size)
{
  GString *said = get_said ();

  g_string_append_len (said, text, size);
  if (said->len > SAID_MAX)
    g_string_erase (said, 0, said->len - SAID_MAX);
  return size;
}

static gpointer
start (gpointer data)
{
  FILE *stream = fopencookie (NULL, "w", (cookie_io_functions_t){ .write = said_write });

  /* Windows’ names do not tell capitals from small letters. */
  wimlib_global_init (WIMLIB_INIT_FLAG_DEFAULT_CASE_INSENSITIVE);
  wimlib_set_print_errors (false);
  if (stream != NULL)
    {
      setvbuf (stream, NULL, _IONBF, 0);
      wimlib_set_error_file (stream);
    }
  return NULL;
}

/* libxml2, which wimlib before 1.14 reads the XML with, would print. */
static void G_GNUC_PRINTF (2, 3)
say_nothing (void *context, const char *format, ...)
{
}

/**
 * valise_wimlib_init:
 *
 * Starts wimlib, at most once in a process, and keeps the XML library quiet in this thread. Any
 * thread.
 */
void
valise_wimlib_init (void)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, start, NULL);
  xmlSetGenericErrorFunc (NULL, say_nothing);
}

/**
 * valise_wimlib_progress:
 * @message: what wimlib is at
 * @info: more of it
 * @call: a #ValiseWimlibCall
 *
 * The progress function for wimlib.
 *
 * Returns: whether wimlib shall go on
 */
enum wimlib_progress_status
valise_wimlib_progress (enum wimlib_progress_msg message, union wimlib_progress_info *info,
                        void *call)
{
  ValiseWimlibCall *self = call;

  if (g_cancellable_is_cancelled (self->cancellable))
    return WIMLIB_PROGRESS_STATUS_ABORT;
  if (self->progress == NULL)
    return WIMLIB_PROGRESS_STATUS_CONTINUE;
  switch (message)
    {
    case WIMLIB_PROGRESS_MSG_EXTRACT_IMAGE_BEGIN:
    case WIMLIB_PROGRESS_MSG_EXTRACT_TREE_BEGIN:
      valise_progress_set_total (self->progress, info->extract.total_bytes);
      break;
    case WIMLIB_PROGRESS_MSG_EXTRACT_STREAMS:
      valise_progress_set_total (self->progress, info->extract.total_bytes);
      valise_progress_set_done (self->progress, info->extract.completed_bytes);
      break;
    case WIMLIB_PROGRESS_MSG_VERIFY_INTEGRITY:
      valise_progress_set_total (self->progress, info->integrity.total_bytes);
      valise_progress_set_done (self->progress, info->integrity.completed_bytes);
      break;
    default:
      break;
    }
  return WIMLIB_PROGRESS_STATUS_CONTINUE;
}

/* What wimlib said last as an error, without its marks; else what the number means. */
static char *
take_said (int code)
{
  static const char mark[] = "[ERROR] ";
  GString *said = get_said ();
  const char *from = g_strrstr (said->str, mark);
  char *text;

  if (from != NULL)
    {
      from += strlen (mark);
      text = g_utf8_make_valid (from, strcspn (from, "\r\n"));
      if (g_str_has_suffix (text, "!") || g_str_has_suffix (text, "."))
        text[strlen (text) - 1] = '\0';
    }
  else
    text = g_strdup (wimlib_get_error_string (code));
  g_string_truncate (said, 0);
  return text;
}

/**
 * valise_wimlib_set_error:
 * @error: where to put it
 * @code: what wimlib returned, not 0
 * @shown: the source as the user knows it
 *
 * Tells an error of wimlib in words that help; a cancelled call becomes %G_IO_ERROR_CANCELLED. The
 * thread that called wimlib.
 */
void
valise_wimlib_set_error (GError **error, int code, const char *shown)
{
  g_autofree char *said = take_said (code);

  switch (code)
    {
    case WIMLIB_ERR_ABORTED_BY_PROGRESS:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Cancelled."));
      break;
    case WIMLIB_ERR_WIM_IS_ENCRYPTED:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_ENCRYPTED,
                   _("“%s” is an encrypted ESD, as Windows Update downloads it; it cannot be read "
                     "without Microsoft’s key. Choose an ISO, or a decrypted ESD or WIM."),
                   shown);
      break;
    case WIMLIB_ERR_UNEXPECTED_END_OF_FILE:
    case WIMLIB_ERR_WIM_IS_INCOMPLETE:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_TRUNCATED,
                   _("“%s” is not complete (%s). Download or copy it again."), shown, said);
      break;
    case WIMLIB_ERR_INTEGRITY:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                   _("“%s” is damaged: its bytes do not fit its integrity table. Download or copy "
                     "it again."),
                   shown);
      break;
    case WIMLIB_ERR_INVALID_INTEGRITY_TABLE:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                   _("“%s” is damaged: its integrity table is not valid (%s). Download or copy it "
                     "again."),
                   shown, said);
      break;
    case WIMLIB_ERR_DECOMPRESSION:
    case WIMLIB_ERR_IMAGE_COUNT:
    case WIMLIB_ERR_INVALID_CHUNK_SIZE:
    case WIMLIB_ERR_INVALID_COMPRESSION_TYPE:
    case WIMLIB_ERR_INVALID_HEADER:
    case WIMLIB_ERR_INVALID_LOOKUP_TABLE_ENTRY:
    case WIMLIB_ERR_INVALID_METADATA_RESOURCE:
    case WIMLIB_ERR_INVALID_PART_NUMBER:
    case WIMLIB_ERR_INVALID_PIPABLE_WIM:
    case WIMLIB_ERR_INVALID_REPARSE_DATA:
    case WIMLIB_ERR_INVALID_RESOURCE_HASH:
    case WIMLIB_ERR_INVALID_UTF16_STRING:
    case WIMLIB_ERR_INVALID_UTF8_STRING:
    case WIMLIB_ERR_INVALID_XATTR:
    case WIMLIB_ERR_METADATA_NOT_FOUND:
    case WIMLIB_ERR_RESOURCE_ORDER:
    case WIMLIB_ERR_SPLIT_INVALID:
    case WIMLIB_ERR_XML:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                   _("“%s” is damaged (%s). Download or copy it again."), shown, said);
      break;
    case WIMLIB_ERR_RESOURCE_NOT_FOUND:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_PART_MISSING,
                   _("“%s” does not hold all data of its files (%s): it is one part of several, or "
                     "an update to another image. Choose the whole image."),
                   shown, said);
      break;
    case WIMLIB_ERR_OPEN:
    case WIMLIB_ERR_READ:
    case WIMLIB_ERR_STAT:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
                   _("“%s” cannot be read (%s). Check the disk that it is on, or copy it to "
                     "another."),
                   shown, said);
      break;
    case WIMLIB_ERR_NOT_A_WIM_FILE:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE,
                   _("“%s” is not a Windows image. Choose an ISO, WIM, ESD or SWM file."), shown);
      break;
    case WIMLIB_ERR_UNKNOWN_VERSION:
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                   _("“%s” is an image of a version that Valise does not know. Choose another "
                     "image."),
                   shown);
      break;
    case WIMLIB_ERR_NOMEM:
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                   _("There is not enough memory to read “%s”. Close other programs."), shown);
      break;
    default:
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                   _("The files of “%s” could not be written: %s."), shown, said);
      break;
    }
}

/**
 * valise_wimlib_set_extract_error:
 * @error: where to put it
 * @code: what wimlib returned, not 0
 * @shown: the source as the user knows it
 * @folder: a temporary folder
 *
 * As valise_wimlib_set_error(), for files that were to go to @folder.
 */
void
valise_wimlib_set_extract_error (GError **error, int code, const char *shown, const char *folder)
{
  g_autofree char *said = NULL;

  if (code != WIMLIB_ERR_WRITE)
    {
      valise_wimlib_set_error (error, code, shown);
      return;
    }
  said = take_said (code);
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE,
               /* Translators: a file's path, and what the system said. */
               _("The temporary file “%s” cannot be made: %s. See that there is space in the "
                 "folder for temporary files."),
               folder, said);
}
