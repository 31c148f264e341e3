/* valise-page.h: one page of the wizard.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_PAGE (valise_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (ValisePage, valise_page, VALISE, PAGE, GtkWidget)

/**
 * ValisePageClass:
 * @entered: the page is shown now, coming from either side
 * @left: another page is shown now
 * @apply_async: Next was pressed; what takes time before the next page may be shown. Without it,
 *   the next page is shown at once
 * @apply_finish: whether the next page may be shown; an error is shown as a toast, %G_IO_ERROR
 *   %G_IO_ERROR_CANCELLED only keeps the page
 * @close_requested: the window is to be closed while the page is busy: the page asks, and destroys
 *   the window itself if the answer is yes
 */
struct _ValisePageClass
{
  GtkWidgetClass parent_class;

  void (*entered) (ValisePage *self);
  void (*left) (ValisePage *self);
  void (*apply_async) (ValisePage *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data);
  gboolean (*apply_finish) (ValisePage *self, GAsyncResult *result, GError **error);
  void (*close_requested) (ValisePage *self);
};

ValiseChoices *valise_page_get_choices (ValisePage *self);
const char *valise_page_get_title (ValisePage *self);
void valise_page_set_title (ValisePage *self, const char *title);
gboolean valise_page_get_complete (ValisePage *self);
void valise_page_set_complete (ValisePage *self, gboolean complete);
const char *valise_page_get_next_label (ValisePage *self);
void valise_page_set_next_label (ValisePage *self, const char *next_label);
gboolean valise_page_get_can_go_back (ValisePage *self);
void valise_page_set_can_go_back (ValisePage *self, gboolean can_go_back);
gboolean valise_page_get_busy (ValisePage *self);
void valise_page_set_busy (ValisePage *self, gboolean busy);

void valise_page_entered (ValisePage *self);
void valise_page_left (ValisePage *self);
void valise_page_apply_async (ValisePage *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer data);
gboolean valise_page_apply_finish (ValisePage *self, GAsyncResult *result, GError **error);
void valise_page_close_requested (ValisePage *self);

G_END_DECLS
