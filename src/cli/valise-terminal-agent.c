/* valise-terminal-agent.c: asking for a password on the terminal.
 *
 * On a desktop the session has an agent that asks in a window. Over ssh and on a console there is
 * none; polkit's own pkttyagent then asks on the terminal, for this process only, as systemctl and
 * udisksctl have it. Where there is another agent, that one stays the one that asks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-terminal-agent.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

/* How long the agent may take to be there; without it, nobody would be asked. Control-C ends it. */
#define START_MS 30000

#define NOTIFY_FD 3

struct _ValiseTerminalAgent
{
  GSubprocess *process;
};

/* Whether logind knows the user, whose session may have an agent. Without a session, polkit
 * does not even look at agents that leave the precedence to others. */
static gboolean
has_session (void)
{
  g_autofree char *path = g_strdup_printf ("/run/systemd/users/%u", (guint) getuid ());

  return g_access (path, F_OK) == 0;
}

/* It closes its end, or ends, when it is there, or cannot be. */
static void
wait_for_close (int fd)
{
  GPollFD poll = { .fd = fd, .events = G_IO_IN | G_IO_HUP };

  g_poll (&poll, 1, START_MS);
}

/**
 * valise_terminal_agent_new:
 *
 * Root is not asked for passwords, and without a terminal there is nobody to ask.
 *
 * Returns: (transfer full) (nullable): an agent, or %NULL where none is needed or none can be had
 */
ValiseTerminalAgent *
valise_terminal_agent_new (void)
{
  g_autofree char *id = g_strdup_printf ("%d", (int) getpid ());
  g_autofree char *program = g_find_program_in_path ("pkttyagent");
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  ValiseTerminalAgent *self;
  int ends[2];

  if (program == NULL || geteuid () == 0 || isatty (STDIN_FILENO) != 1
      || isatty (STDERR_FILENO) != 1 || !g_unix_open_pipe (ends, FD_CLOEXEC, NULL))
    return NULL;
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  g_subprocess_launcher_take_fd (launcher, ends[1], NOTIFY_FD);
  process = g_subprocess_launcher_spawn (launcher, &error, program, "--process", id, "--notify-fd",
                                         G_STRINGIFY (NOTIFY_FD),
                                         has_session () ? "--fallback" : NULL, NULL);
  g_clear_object (&launcher);
  if (process != NULL)
    wait_for_close (ends[0]);
  else
    g_debug ("%s: %s", program, error->message);
  close (ends[0]);
  if (process == NULL)
    return NULL;
  self = g_new0 (ValiseTerminalAgent, 1);
  self->process = g_steal_pointer (&process);
  return self;
}

/**
 * valise_terminal_agent_free:
 * @self: (transfer full): an agent
 */
void
valise_terminal_agent_free (ValiseTerminalAgent *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_free (self);
}
