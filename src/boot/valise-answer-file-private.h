/* valise-answer-file-private.h: what the parts of the answer file share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <libxml/tree.h>

#include "valise-answer-file.h"

G_BEGIN_DECLS

#define VALISE_ANSWER_NS "urn:schemas-microsoft-com:unattend"
#define VALISE_ANSWER_WCM_NS "http://schemas.microsoft.com/WMIConfig/2002/State"

struct _ValiseAnswerFile
{
  xmlDoc *doc;
  xmlNs *ns;           /* the root's */
  char *architecture;
  GPtrArray *notes;
  GPtrArray *conflicts;
};

gboolean valise_answer_node_is (const xmlNode *node, const char *name);
xmlNode *valise_answer_node_find (const xmlNode *parent, const char *name);
char *valise_answer_node_dup_text (const xmlNode *node);
gboolean valise_answer_pass_is_known (const xmlNode *settings);
gboolean valise_answer_component_is (const xmlNode *node,
                                     const char *name,
                                     const char *architecture);

G_END_DECLS
