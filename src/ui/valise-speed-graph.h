/* valise-speed-graph.h: the speed of each drive over the time, as a picture and in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VALISE_TYPE_SPEED_GRAPH (valise_speed_graph_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSpeedGraph, valise_speed_graph, VALISE, SPEED_GRAPH, GtkWidget)

GtkWidget *valise_speed_graph_new (void);
GListModel *valise_speed_graph_get_model (ValiseSpeedGraph *self);
void valise_speed_graph_set_model (ValiseSpeedGraph *self, GListModel *model);
char *valise_speed_graph_describe (ValiseSpeedGraph *self);

G_END_DECLS
