// echo_server: gives each client back what it sends. Descriptor 3 is the socket that it listens at.
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { listener = 3, most_clients = 1000 };

static struct pollfd watched[1 + most_clients] = {{.fd = listener, .events = POLLIN}};
static nfds_t count = 1;

static int echo(int client) {
  char bytes[4096];
  const ssize_t received = recv(client, bytes, sizeof bytes, 0);
  if (received <= 0) return 0;
  for (ssize_t sent = 0; sent < received;) {
    const ssize_t some = send(client, bytes + sent, (size_t)(received - sent), 0);
    if (some < 0) return 0;
    sent += some;
  }
  return 1;
}

int main(void) {
  for (;;) {
    if (poll(watched, count, -1) < 0) {
      perror("poll");
      return 1;
    }
    for (nfds_t i = count - 1; i > 0; --i) {
      if (watched[i].revents == 0 || echo(watched[i].fd)) continue;
      close(watched[i].fd);
      watched[i] = watched[--count];
    }
    if (watched[0].revents == 0 || count > most_clients) continue;
    const int client = accept(listener, NULL, NULL);
    if (client >= 0) watched[count++] = (struct pollfd){.fd = client, .events = POLLIN};
  }
}
