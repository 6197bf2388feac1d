/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer of bench/rtsp.sh: gst-rtsp-server with an H.264 file in a loop, one pipeline for all
 * clients, as its own example test-launch has it. usage: gst-rtsp PORT FILE */
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>

int main(int argc, char **argv)
{
	GstRTSPMediaFactory *factory;
	GstRTSPServer *server;
	gchar *launch;

	gst_init(&argc, &argv);
	if (argc != 3)
		return 2;
	/* The file once: bench/rtsp.sh makes it longer than it measures. */
	launch = g_strdup_printf("( filesrc location=%s ! h264parse ! identity sync=true ! "
				 "rtph264pay name=pay0 pt=96 config-interval=-1 )",
				 argv[2]);
	server = gst_rtsp_server_new();
	gst_rtsp_server_set_service(server, argv[1]);
	factory = gst_rtsp_media_factory_new();
	gst_rtsp_media_factory_set_launch(factory, launch);
	gst_rtsp_media_factory_set_shared(factory, TRUE);
	gst_rtsp_mount_points_add_factory(gst_rtsp_server_get_mount_points(server), "/main",
					  factory);
	gst_rtsp_server_attach(server, NULL);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
