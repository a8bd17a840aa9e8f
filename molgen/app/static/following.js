// Asks the server for what is new, one question at a time: of what changes meanwhile it asks once more in the end.
// `ask` returns whether there is more to ask for.
export function follower(ask) {
  let [busy, again, later] = [false, false, 0];

  async function now() {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        if (await ask()) again = true;
      }
    } finally {
      busy = false;
    }
  }

  function soon(pause) {
    if (later) return;
    later = setTimeout(() => {
      later = 0;
      now();
    }, pause);
  }

  return { now, soon };
}
