// A question to the server in fields of a form, answered with JSON; what goes wrong is its `problem`.
export async function ask(path, fields) {
  try {
    const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
    return answer.ok ? await answer.json() : { problem: (await answer.text()).slice(0, 300) };
  } catch {
    return { problem: "no answer: is molgen app still running?" };
  }
}
