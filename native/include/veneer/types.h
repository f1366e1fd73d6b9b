/* Veneer: what the C interface of libveneer shares. */
#ifndef VENEER_TYPES_H
#define VENEER_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#if defined(VENEER_BUILDING)
#define VENEER_API __declspec(dllexport)
#elif defined(VENEER_STATIC)
#define VENEER_API
#else
#define VENEER_API __declspec(dllimport)
#endif
#elif defined(VENEER_BUILDING)
#define VENEER_API __attribute__((visibility("default")))
#else
#define VENEER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: functions and fields are added with a new minor number, and none change or go without
 * a new major one. veneer_version() says what the library has. */
#define VENEER_VERSION_MAJOR 0
#define VENEER_VERSION_MINOR 4

/* What a function says of itself. */
typedef enum VeneerStatus {
  VENEER_OK = 0,
  VENEER_FAILED = 1,    /* veneer_decoder_error() says why, or the VeneerError given */
  VENEER_NO_MEMORY = 2, /* the allocator had none; the object can only be destroyed */
  VENEER_MISUSE = 3     /* an argument is out of its range, or the call comes at the wrong time; nothing has changed */
} VeneerStatus;

/* What is wrong with a file, or was asked for in vain. */
typedef struct VeneerProblem {
  int code;          /* a stable number, see docs/format.md, "Errors"; its hundreds say of which sort it is */
  int64_t offset;    /* of the byte concerned in the file, or -1 */
  char message[240]; /* one line for people, in ASCII */
} VeneerProblem;

/* Memory: all that the library keeps or needs for a while is taken from here. Functions may be called by several threads
 * at the same time, those of the runner. */
typedef struct VeneerAllocator {
  void* opaque;
  void* (*allocate)(void* opaque, size_t size); /* aligned as by malloc; NULL where there is no more */
  void (*release)(void* opaque, void* block);   /* what allocate gave, never NULL */
} VeneerAllocator;

/* Threads: calls task(data, 0) .. task(data, count - 1), each once, in any order, at the same time or not, and returns
 * when all have returned. Tasks neither throw nor wait for each other. */
typedef struct VeneerRunner {
  void* opaque;
  int threads; /* about how many tasks run at the same time, at least 1: work is cut accordingly */
  void (*run)(void* opaque, int count, void (*task)(void* data, int index), void* data);
} VeneerRunner;

typedef struct VeneerRect {
  int32_t x, y, width, height; /* pixels */
} VeneerRect;

/* Bytes that the library owns. */
typedef struct VeneerBytes {
  const uint8_t* data; /* NULL where there are none of the sort */
  size_t size;
} VeneerBytes;

/* 100 * major + minor of the library. */
VENEER_API int veneer_version(void);

#ifdef __cplusplus
}
#endif
#endif
