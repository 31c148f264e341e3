/* valise-dialogs.h: the dialogs that GTK and libadwaita call deprecated in later versions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseDialogFiles:
 * @title: the dialog's
 * @filter: (nullable): what the files are; %NULL for all
 * @suffixes: (nullable): how their names end, with commas between
 * @is_folder: whether folders are chosen
 * @is_single: whether only one can be chosen
 *
 * What to ask for.
 */
typedef struct
{
  const char *title;
  const char *filter;
  const char *suffixes;
  gboolean is_folder;
  gboolean is_single;
} ValiseDialogFiles;

void valise_dialogs_show_about (GtkWindow *parent);
void valise_dialogs_choose_image_async (GtkWindow *parent,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer data);
void valise_dialogs_choose_profile_async (GtkWindow *parent,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer data);
void valise_dialogs_choose_save_async (GtkWindow *parent,
                                       const char *title,
                                       const char *name,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer data);
GFile *valise_dialogs_choose_finish (GtkWindow *parent, GAsyncResult *result, GError **error);
void valise_dialogs_choose_files_async (GtkWindow *parent,
                                        const ValiseDialogFiles *what,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer data);
GListModel *valise_dialogs_choose_files_finish (GtkWindow *parent,
                                                GAsyncResult *result,
                                                GError **error);
void valise_dialogs_ask_async (GtkWindow *parent,
                               const char *heading,
                               const char *body,
                               const char *keep_label,
                               const char *destroy_label,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data);
gboolean valise_dialogs_ask_finish (GtkWindow *parent, GAsyncResult *result, GError **error);

G_END_DECLS
