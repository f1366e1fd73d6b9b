/* Models of the enhancement, by the numbers that files name. */
#ifndef VENEER_GDK_PIXBUF_MODELS_H
#define VENEER_GDK_PIXBUF_MODELS_H

#include "veneer/decode.h"

/* Gives a decoder those of its models that are found in the folders of the environment variable VENEER_MODELS, or in the
 * folder of the installation, and the networks of them that the picture needs, which follows from the start of the file,
 * with its headers. Before the decoder is fed. A picture whose model is not found is its base layer. May be called by
 * several threads. */
void veneer_add_models(VeneerDecoder* decoder, const VeneerInfo* info, const uint8_t* start, size_t size);

#endif
