/* valise-answer-file.h: an answer file for Windows' first start (unattend.xml).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-answers.h"

G_BEGIN_DECLS

/**
 * VALISE_ANSWER_FILE_MAX:
 *
 * The largest answer file, in bytes, that is taken from a user.
 */
#define VALISE_ANSWER_FILE_MAX (1024 * 1024)

/**
 * ValiseAnswerFile:
 *
 * See valise-answer-file.c.
 */
typedef struct _ValiseAnswerFile ValiseAnswerFile;

ValiseAnswerFile *valise_answer_file_new (const char *architecture);
ValiseAnswerFile *valise_answer_file_parse (GBytes *contents,
                                            const char *architecture,
                                            GError **error);
void valise_answer_file_free (ValiseAnswerFile *self);

gboolean valise_answer_file_apply (ValiseAnswerFile *self,
                                   const ValiseAnswers *answers,
                                   GError **error);
GPtrArray *valise_answer_file_get_notes (ValiseAnswerFile *self);
GBytes *valise_answer_file_to_bytes (ValiseAnswerFile *self, gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseAnswerFile, valise_answer_file_free)

G_END_DECLS
