ok = rabbit:await_startup(),
spawn(fun() ->
	{ok, Listener} = gen_tcp:listen(0, [
		{ifaddr, {local, filename:join(os:getenv("HOME"), "control")}}, {active, false}, {packet, line}, {buffer, 65536}, binary
	]),
	Answer = fun(Line) ->
		try
			{ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Line)),
			{ok, Expressions} = erl_parse:parse_exprs(Tokens),
			{value, Value, _} = erl_eval:exprs(Expressions, []),
			io_lib:format("ok ~0tp~n", [Value])
		catch Class:Reason -> io_lib:format("failed ~0tp~n", [{Class, Reason}])
		end
	end,
	Accept = fun Accept() ->
		{ok, Socket} = gen_tcp:accept(Listener),
		{ok, Line} = gen_tcp:recv(Socket, 0),
		ok = gen_tcp:send(Socket, unicode:characters_to_binary(Answer(Line))),
		ok = gen_tcp:close(Socket),
		Accept()
	end,
	Accept()
end).
