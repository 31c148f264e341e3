/* fuzz-answer-file.c: a user's answer file; one that is taken gets answers, and is taken again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-answer-file.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const ValiseAnswers answers = {
    .account = VALISE_ACCOUNT_ADMINISTRATOR,
    .account_name = (char *) "anna",
    .computer_name = (char *) "PC",
    .time_zone = (char *) "UTC",
    .skip_license = TRUE,
    .extend = TRUE,
    .specialize_commands = (char *[]) { (char *) "a", (char *) "b", NULL },
    .first_logon_commands = (char *[]) { (char *) "c", NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) contents = g_bytes_new (data, size);
  g_autoptr (ValiseAnswerFile) file = valise_answer_file_parse (contents, "amd64", &error);
  g_autoptr (ValiseAnswerFile) again = NULL;
  g_autoptr (GBytes) merged = NULL;

  g_assert_true ((file == NULL) == (error != NULL));
  if (file == NULL || !valise_answer_file_apply (file, &answers, NULL))
    return 0;
  merged = valise_answer_file_to_bytes (file, 8192, &error);
  g_assert_no_error (error);
  again = valise_answer_file_parse (merged, "amd64", &error);
  if (g_bytes_get_size (merged) <= VALISE_ANSWER_FILE_MAX)
    g_assert_no_error (error);
  return 0;
}
