/* valise-question.h: asking before a drive is erased.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "devices/valise-drive-contents.h"
#include "devices/valise-drive-info.h"

G_BEGIN_DECLS

/**
 * ValiseAnswer:
 * @VALISE_ANSWER_YES: the user agreed
 * @VALISE_ANSWER_NO: the user said anything else, or nothing
 * @VALISE_ANSWER_CANCELLED: the question was cancelled
 * @VALISE_ANSWER_NOBODY: there is no terminal to ask on
 */
typedef enum
{
  VALISE_ANSWER_YES,
  VALISE_ANSWER_NO,
  VALISE_ANSWER_CANCELLED,
  VALISE_ANSWER_NOBODY,
} ValiseAnswer;

char *valise_question_describe (const ValiseDriveInfo *drive, const ValiseDriveContents *contents);
gboolean valise_question_is_yes (const char *answer);
gboolean valise_question_is_possible (void);
ValiseAnswer valise_question_ask (const char *question, GCancellable *cancellable);

G_END_DECLS
