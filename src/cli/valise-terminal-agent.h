/* valise-terminal-agent.h: asking for a password on the terminal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseTerminalAgent:
 *
 * While it exists, polkit can ask for a password on the terminal; see valise-terminal-agent.c.
 */
typedef struct _ValiseTerminalAgent ValiseTerminalAgent;

ValiseTerminalAgent *valise_terminal_agent_new (void);
void valise_terminal_agent_free (ValiseTerminalAgent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseTerminalAgent, valise_terminal_agent_free)

G_END_DECLS
