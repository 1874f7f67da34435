/*
 * Made-up customers of a sports chain in the Nordic countries, for the demo,
 * for tests and for measurements.  Reading this file into a session creates
 *
 *	pg_temp.demo_reference()
 *		the calls to make first: the organizations, stores, users, consents,
 *		printers and groups that customers refer to, in an order that works
 *	pg_temp.demo_batch(batch_number int, batch_size int)
 *		the body of a customer_batch() call; the batches 0, 1, 2, ... of one
 *		size hold the customers demo-000000, demo-000001, and so on
 *	pg_temp.demo_contacts(batch_number int, batch_size int)
 *		bodies for contact_create(): contacts of the companies in that batch
 *
 * Everything is drawn from hashes of the customer's number, so a customer looks
 * the same every time, whatever was generated before.  About 78 % are persons,
 * 15 % companies, 7 % B2B customers; a quarter of the companies have one to three
 * departments, which follow soon after their company.  Every fifth batch is an
 * upsert, the others create.  About 1.5 % of the items have a flaw on purpose
 * and are to be refused (see demo_plan); departments and contacts refer only to
 * customers without one.
 *
 * Names are put together by chance, and all mail domains end in .example, which
 * nobody can have.
 */

/* A number in [0, 1) for each number and purpose. */
CREATE FUNCTION pg_temp.demo_random(number bigint, purpose text)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashtextextended(purpose, number) & 9007199254740991) / 9007199254740992::float8
$$;

/* One of a list; with a skew above 1 the front of the list is drawn more often. */
CREATE FUNCTION pg_temp.demo_pick(list text[], number bigint, purpose text, skew float8 DEFAULT 1)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT list[1 + floor(cardinality(list) * power(pg_temp.demo_random(number, purpose), skew))::int]
$$;

/* So many random digits. */
CREATE FUNCTION pg_temp.demo_digits(count int, number bigint, purpose text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT lpad(floor(pg_temp.demo_random(number, purpose) * power(10, count))::bigint::text, count, '0')
$$;

CREATE FUNCTION pg_temp.demo_list(items text)
RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT regexp_split_to_array(btrim(items, E' \t\n'), '\s*,\s*')
$$;

/* A number with at least six digits. */
CREATE FUNCTION pg_temp.demo_number(number bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT lpad(number::text, greatest(6, length(number::text)), '0')
$$;

CREATE FUNCTION pg_temp.demo_customer_uid(number bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'demo-' || pg_temp.demo_number(number)
$$;

/* A name as it stands in an e-mail address. */
CREATE FUNCTION pg_temp.demo_mail_name(name text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT regexp_replace(lower(translate(replace(replace(name, 'æ', 'ae'), 'Æ', 'ae'),
										  'øØåÅäÄöÖüé ', 'ooaaaaooue.')),
						  '[^a-z0-9.]+', '', 'g')
$$;

/*
 * What the countries' customers are made from.  Lists begin with what is most
 * common.  mobile_forms are templates of to_char() for a whole number.
 */
CREATE FUNCTION pg_temp.demo_country()
RETURNS TABLE (country_code text, share_from float8, share_to float8,
			   first_names text[], last_names text[], streets text[], places text[],
			   company_stems text[], trades text[], company_forms text[],
			   clubs text[], departments text[],
			   mobile_digits int, mobile_starts text[], mobile_forms text[])
LANGUAGE sql IMMUTABLE AS $body$
VALUES
('NO', 0.0, 0.82,
pg_temp.demo_list($$
	Anne, Jan, Inger, Per, Kari, Bjørn, Marit, Ole, Ingrid, Lars, Liv, Kjell,
	Eva, Knut, Anna, Arne, Maria, Svein, Ida, Thomas, Hilde, Hans, Berit, Geir,
	Nina, Tor, Marianne, Morten, Astrid, Terje, Elisabeth, Odd, Kristin, Erik,
	Bjørg, Martin, Randi, Andreas, Solveig, John, Bente, Anders, Heidi, Rune,
	Silje, Trond, Hanne, Tore, Linda, Daniel, Tone, Jon, Tove, Kristian, Anita,
	Marius, Wenche, Tom, Ragnhild, Stian, Camilla, Øyvind, Ellen, Håkon, Karin,
	Magnus, Emma, Eirik, Nora, Henrik, Sofie, Sindre, Ingeborg, Emil, Åse,
	Jakob, Gerd, Sverre, Gunn, Torbjørn, Aud, Jørgen, Sunniva, Bård, Tuva, Åge,
	Frøydis, Mohammed, Anne-Lise, Jan Erik, Fatima, Ali, Agnieszka, Piotr,
	Inger Johanne, Amina, Aslaug, Øystein, Målfrid, Asbjørn, Synnøve, Torgeir,
	Dagny, Vebjørn, Borghild, Njål
$$),
pg_temp.demo_list($$
	Hansen, Johansen, Olsen, Larsen, Andersen, Pedersen, Nilsen, Kristiansen,
	Jensen, Karlsen, Johnsen, Pettersen, Eriksen, Berg, Haugen, Hagen,
	Johannessen, Andreassen, Jacobsen, Dahl, Jørgensen, Henriksen, Lund,
	Halvorsen, Sørensen, Jakobsen, Moen, Gundersen, Iversen, Strand, Solberg,
	Svendsen, Eide, Knutsen, Martinsen, Bakken, Paulsen, Kristoffersen,
	Mathisen, Lie, Amundsen, Nguyen, Rasmussen, Lunde, Solheim, Berge, Moe,
	Nygård, Bakke, Kristensen, Fredriksen, Holm, Lien, Hauge, Christensen,
	Andresen, Nielsen, Knudsen, Evensen, Sæther, Aas, Myhre, Hanssen, Ahmed,
	Haugland, Thomassen, Sivertsen, Simonsen, Danielsen, Berntsen, Sandvik,
	Rønning, Arnesen, Næss, Antonsen, Vik, Ellingsen, Thorsen, Edvardsen, Ali,
	Isaksen, Birkeland, Ruud, Strøm, Aasen, Ødegård, Tangen, Myklebust, Brekke,
	Øverland, Ødegaard, Bråten, Skjæveland, Tveit, Hussain, Kowalski, Fjeld,
	Aune, Bjørnstad, Grønli, Åsen, Sørli, Vågen, Hæreid, Østby, Løken, Nordby,
	Skår, Råheim, Færevåg
$$),
pg_temp.demo_list($$
	Storgata, Kirkegata, Strandgata, Skolegata, Kongens gate, Parkveien,
	Bjørkeveien, Dronningens gate, Granveien, Furuveien, Industriveien,
	Skogveien, Ringveien, Fjellveien, Sjøgata, Havnegata, Torggata, Elveveien,
	Solbakken, Jernbanegata, Stasjonsveien, Nordre gate, Søndre gate, Møllegata,
	Tollbugata, Prestegårdsveien, Åsveien, Øvre Slottsgate, Nedre Storgate,
	Bekkeveien, Lyngveien, Rognveien, Ospeveien, Åkerveien, Idrettsveien,
	Hagegata, Rosenkrantz' gate, Munkegata, Olav Tryggvasons gate,
	Haakon VIIs gate, Fabrikkveien, Næringsveien, Kystveien, Fjordgata,
	Lerkeveien, Svaleveien, Blåbærstien, Tyttebærveien, Karl Johans gate,
	Gamle Kongevei
$$),
pg_temp.demo_list($$
	0155 Oslo, 5003 Bergen, 7010 Trondheim, 0475 Oslo, 4006 Stavanger,
	0661 Oslo, 3015 Drammen, 5221 Nesttun, 1607 Fredrikstad, 0250 Oslo,
	4612 Kristiansand, 9008 Tromsø, 0557 Oslo, 4306 Sandnes, 1337 Sandvika,
	7030 Trondheim, 3111 Tønsberg, 6002 Ålesund, 0851 Oslo, 5147 Fyllingsdalen,
	1383 Asker, 2000 Lillestrøm, 3211 Sandefjord, 8006 Bodø, 0976 Oslo,
	1711 Sarpsborg, 3717 Skien, 5014 Bergen, 4016 Stavanger, 2315 Hamar,
	3256 Larvik, 1181 Oslo, 5527 Haugesund, 4836 Arendal, 1532 Moss, 1400 Ski,
	7045 Trondheim, 2815 Gjøvik, 3916 Porsgrunn, 2050 Jessheim,
	2609 Lillehammer, 9011 Tromsø, 0354 Oslo, 1771 Halden, 6413 Molde,
	3510 Hønefoss, 3611 Kongsberg, 6509 Kristiansund N, 7713 Steinkjer,
	9405 Harstad, 8622 Mo i Rana, 7600 Levanger, 7500 Stjørdal, 8514 Narvik,
	9510 Alta, 5700 Voss, 0181 Oslo, 5053 Bergen, 6856 Sogndal, 9600 Hammerfest,
	8300 Svolvær, 3550 Gol, 2500 Tynset, 4400 Flekkefjord, 9900 Kirkenes,
	9170 Longyearbyen
$$),
pg_temp.demo_list($$
	Fjord, Nordavind, Vestkysten, Midnattsol, Solsiden, Polarsirkelen, Havgapet,
	Bryggen, Fjelltopp, Trollheim, Storfjord, Nordkyst, Sørvest, Østfjell,
	Bjørk, Multe, Gråstein, Vårsol, Ærfugl, Blåfjell
$$),
pg_temp.demo_list($$
	Bygg, Eiendom, Transport, Elektro, Rør, Regnskap, Maskin, Handel, Invest,
	Consulting, Auto, Barnehage, Frisør, Renhold, Maler, Entreprenør, Bakeri,
	Fysioterapi, Data, Reklame, Gartneri, Arkitekter, Turbuss, Camping,
	Treningssenter, Hotell, Fisk, Trevare, Skogsdrift, Båtutleie
$$),
pg_temp.demo_list('AS, AS, AS, AS, AS, ANS, DA, ENK'),
pg_temp.demo_list('IL, Idrettslag, Skiklubb, Fotballklubb, Håndballklubb, Turlag, Orienteringslag'),
pg_temp.demo_list('avd. Lager, avd. Salg, avd. Innkjøp, avd. Verksted, avd. Sentrum, avd. Nord, avd. Sør, avd. Øst, avd. Vest, avd. Administrasjon'),
8, pg_temp.demo_list('9, 4'),
pg_temp.demo_list('"+47 "000 00 000, 00000000, 000 00 000, "+47"00000000, "0047 "00000000, 00 00 00 00, 000-00-000, "(+47) "000 00 000')
),
('SE', 0.82, 0.91,
pg_temp.demo_list($$
	Maria, Erik, Anna, Lars, Margareta, Karl, Elisabeth, Anders, Eva, Johan,
	Kristina, Per, Birgitta, Nils, Karin, Jan, Ingrid, Lennart, Linnéa, Mikael,
	Sofia, Björn, Åsa, Göran, Malin, Håkan, Märta, Jörgen, Ebba, Östen, Ann-Sofie,
	Mohamed, Alva, Torbjörn
$$),
pg_temp.demo_list($$
	Andersson, Johansson, Karlsson, Nilsson, Eriksson, Larsson, Olsson, Persson,
	Svensson, Gustafsson, Pettersson, Jonsson, Lindberg, Lindström, Lindgren,
	Berglund, Sjöberg, Åkesson, Nyström, Björk, Sandström, Öberg, Hedlund,
	Fransson, Ekström, Sjögren, Bäckman, Åström
$$),
pg_temp.demo_list($$
	Storgatan, Kungsgatan, Drottninggatan, Skolgatan, Kyrkogatan, Järnvägsgatan,
	Vasagatan, Björkvägen, Ringvägen, Odengatan, Parkgatan, Åsgatan,
	Östra Hamngatan, Norra Vallgatan, Smedjegatan
$$),
pg_temp.demo_list($$
	11122 Stockholm, 41103 Göteborg, 21120 Malmö, 11453 Stockholm,
	75310 Uppsala, 72211 Västerås, 70210 Örebro, 58222 Linköping,
	25221 Helsingborg, 41319 Göteborg, 55316 Jönköping, 60220 Norrköping,
	22223 Lund, 90326 Umeå, 80311 Gävle, 50330 Borås, 18335 Täby,
	63220 Eskilstuna, 30242 Halmstad, 35230 Växjö, 65224 Karlstad,
	85230 Sundsvall, 83131 Östersund, 97231 Luleå, 39231 Kalmar
$$),
pg_temp.demo_list('Norrsken, Västkusten, Mälaren, Skärgård, Björken, Norrland, Östersjö, Fjällräv'),
pg_temp.demo_list('Bygg, Fastigheter, Åkeri, El, Rör, Redovisning, Maskin, Handel, Konsult, Bageri, Bil, Måleri, Städ, Trädgård, Snickeri'),
pg_temp.demo_list('AB, AB, AB, AB, HB, KB'),
pg_temp.demo_list('IF, IK, Skidklubb, Fotbollsklubb, Orienteringsklubb'),
pg_temp.demo_list('avd. Lager, avd. Försäljning, avd. Inköp, avd. Verkstad, avd. Centrum, avd. Norr, avd. Söder'),
9, pg_temp.demo_list('70, 73, 76, 72, 79'),
pg_temp.demo_list('"0"00-000 00 00, "+46 "00 000 00 00, "0"000000000, "+46"000000000, "0046"000000000')
),
('DK', 0.91, 0.96,
pg_temp.demo_list($$
	Anne, Peter, Kirsten, Jens, Mette, Lars, Hanne, Michael, Anna, Henrik,
	Helle, Søren, Susanne, Thomas, Lene, Jørgen, Maria, Niels, Marianne, Bjarne,
	Freja, Rasmus, Signe, Asger, Birthe, Kåre, Sørine
$$),
pg_temp.demo_list($$
	Nielsen, Jensen, Hansen, Pedersen, Andersen, Christensen, Larsen, Sørensen,
	Rasmussen, Jørgensen, Petersen, Madsen, Kristensen, Olsen, Thomsen,
	Christiansen, Poulsen, Møller, Mortensen, Knudsen, Østergaard, Kjær, Skov,
	Bæk, Nørgaard
$$),
pg_temp.demo_list($$
	Nørregade, Vestergade, Østergade, Algade, Strandvejen, Skolevej, Kirkevej,
	Birkevej, Bredgade, Jernbanegade, Havnegade, Søndergade, Frederiksgade, Nygade
$$),
pg_temp.demo_list($$
	2100 København Ø, 8000 Aarhus C, 5000 Odense C, 9000 Aalborg,
	2200 København N, 1050 København K, 2300 København S, 6700 Esbjerg,
	8900 Randers C, 6000 Kolding, 8700 Horsens, 7100 Vejle, 4000 Roskilde,
	3000 Helsingør, 8200 Aarhus N, 8600 Silkeborg, 4700 Næstved, 7400 Herning
$$),
pg_temp.demo_list('Vesterhav, Øresund, Limfjord, Klitten, Bøgeskov, Storebælt'),
pg_temp.demo_list('Byg, Ejendomme, Transport, El, VVS, Revision, Maskiner, Handel, Rådgivning, Bageri, Auto, Rengøring'),
pg_temp.demo_list('ApS, ApS, A/S, I/S'),
pg_temp.demo_list('IF, Boldklub, Cykelklub, Roklub, Håndboldklub'),
pg_temp.demo_list('afd. Lager, afd. Salg, afd. Indkøb, afd. Nord, afd. Syd'),
8, pg_temp.demo_list('2, 3, 5, 4'),
pg_temp.demo_list('00 00 00 00, "+45 "00 00 00 00, 00000000, "+45"00000000')
),
('FI', 0.96, 1.0,
pg_temp.demo_list($$
	Maria, Juhani, Helena, Johannes, Anneli, Olavi, Johanna, Antero, Kaarina,
	Tapani, Kristiina, Kalevi, Päivi, Matti, Liisa, Mikko, Hannele, Jyrki, Aino,
	Eero, Sanna, Jukka, Tuula, Pekka, Väinö, Märta, Björn
$$),
pg_temp.demo_list($$
	Korhonen, Virtanen, Mäkinen, Nieminen, Mäkelä, Hämäläinen, Laine, Heikkinen,
	Koskinen, Järvinen, Lehtonen, Lehtinen, Saarinen, Salminen, Heinonen, Niemi,
	Heikkilä, Kinnunen, Salonen, Turunen, Salo, Laitinen, Tuominen, Rantanen,
	Lindström, Öhman
$$),
pg_temp.demo_list($$
	Mannerheimintie, Aleksanterinkatu, Hämeenkatu, Kauppakatu, Koulukatu,
	Rantatie, Kirkkokatu, Asemakatu, Yliopistonkatu, Puistokatu, Mäkitie, Koivutie
$$),
pg_temp.demo_list($$
	00100 Helsinki, 33100 Tampere, 20100 Turku, 02100 Espoo, 90100 Oulu,
	00530 Helsinki, 01300 Vantaa, 40100 Jyväskylä, 15110 Lahti, 70100 Kuopio,
	28100 Pori, 53100 Lappeenranta, 65100 Vaasa, 60100 Seinäjoki,
	96100 Rovaniemi, 67100 Kokkola
$$),
pg_temp.demo_list('Revontuli, Saimaa, Koivu, Pohjola, Järvi, Lappi'),
pg_temp.demo_list('Rakennus, Kiinteistöt, Kuljetus, Sähkö, Putki, Tilitoimisto, Kone, Kauppa, Konsultointi, Leipomo, Siivous'),
pg_temp.demo_list('Oy, Oy, Oy, Ky, Tmi'),
pg_temp.demo_list('Urheilijat, Hiihtoseura, Palloseura'),
pg_temp.demo_list('Varasto, Myynti, Osto, Keskusta, Pohjoinen'),
9, pg_temp.demo_list('40, 50, 45, 44'),
pg_temp.demo_list('"0"00 0000000, "+358 "00 000 0000, "0"00-0000000, "+358"000000000')
)
$body$;

/* A mobile number as somebody wrote it. */
CREATE FUNCTION pg_temp.demo_mobile(digits int, starts text[], forms text[], number bigint, purpose text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT to_char(rpad(pg_temp.demo_pick(starts, number, purpose || ' start', 1.3) ||
						pg_temp.demo_digits(8, number, purpose || ' digits'), digits)::bigint,
				   'FM' || pg_temp.demo_pick(forms, number, purpose || ' form', 1.6))
$$;

/*
 * Who the customers of these numbers are.  flaw tells what is wrong with an
 * item, NULL if nothing.  Departments belong to the nearest company before them;
 * to find it, we look so many numbers back that there surely is one.
 */
CREATE FUNCTION pg_temp.demo_plan(first_number bigint, last_number bigint)
RETURNS TABLE (number bigint, flaw text, customer_type text, country_code text,
			   parent_number bigint, earlier_number bigint, earlier_company bigint,
			   place text, firstname text, lastname text,
			   company_name text, mail_domain text, is_club boolean)
LANGUAGE sql STABLE AS $$
	WITH drawn AS MATERIALIZED (
		SELECT n AS number, d.flaw,
			   CASE WHEN d.flaw = 'unknown parent' THEN 'company'
					WHEN r < 0.78 THEN 'person'
					WHEN r < 0.89 THEN 'company'
					WHEN r < 0.93 THEN 'department'
					ELSE 'b2b' END AS kind
		FROM generate_series(greatest(0, first_number - 300), last_number) AS n,
			LATERAL (SELECT pg_temp.demo_random(n, 'kind') AS r,
							CASE WHEN pg_temp.demo_random(n, 'flawed') < 0.015 THEN
								pg_temp.demo_pick('{bad email, letters in mobile, unknown type,
													number for text, text for number, bad uid,
													too long, unknown group, unknown parent,
													duplicate uid, bad postal code, zero character,
													unknown country}', n, 'flaw')
							END AS flaw) AS d
	), related AS MATERIALIZED (
		SELECT d.number, d.flaw, d.kind,
			   max(d.number) FILTER (WHERE d.flaw IS NULL) OVER earlier AS earlier_number,
			   max(d.number) FILTER (WHERE d.flaw IS NULL AND d.kind = 'company') OVER earlier
				   AS earlier_company
		FROM drawn AS d
		WINDOW earlier AS (ORDER BY d.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
	), grouped AS MATERIALIZED (
		SELECT r.number, r.flaw, r.earlier_number, r.earlier_company,
			   CASE WHEN r.kind <> 'department' THEN r.kind
					WHEN r.earlier_company IS NOT NULL AND
						row_number() OVER (PARTITION BY r.kind, r.earlier_company ORDER BY r.number) <= 3
					THEN 'department'
					ELSE 'b2b' END AS kind
		FROM related AS r
	), named AS MATERIALIZED (
		/* A department has its company's country and name. */
		SELECT g.*, p.parent_number, coalesce(p.parent_number, g.number) AS named_after
		FROM grouped AS g,
			LATERAL (SELECT CASE WHEN g.kind = 'department' THEN g.earlier_company END
							AS parent_number) AS p
		WHERE g.number >= first_number
	), company AS MATERIALIZED (
		SELECT n.*, c.country_code, d.style < 0.12 AS is_club,
			   CASE WHEN n.kind = 'person' THEN NULL
					WHEN d.style < 0.12
					THEN d.town || ' ' || pg_temp.demo_pick(c.clubs, n.named_after, 'club', 1.3)
					WHEN d.style < 0.50
					THEN pg_temp.demo_pick(c.last_names, n.named_after, 'company lastname', 1.2) || ' ' || d.trade
					WHEN d.style < 0.70
					THEN d.town || ' ' || d.trade
					WHEN d.style < 0.90
					THEN pg_temp.demo_pick(c.company_stems, n.named_after, 'stem') || ' ' || d.trade
					ELSE pg_temp.demo_pick(c.last_names, n.named_after, 'company lastname', 1.2) || ' & ' ||
						pg_temp.demo_pick(c.last_names, n.named_after, 'partner', 1.2)
			   END AS company
		FROM named AS n
			JOIN pg_temp.demo_country() AS c
				ON pg_temp.demo_random(n.named_after, 'country') >= c.share_from
				AND pg_temp.demo_random(n.named_after, 'country') < c.share_to,
			LATERAL (SELECT pg_temp.demo_random(n.named_after, 'company style') AS style,
							pg_temp.demo_pick(c.trades, n.named_after, 'trade', 1.3) AS trade,
							/* without the postal code before and the district behind */
							regexp_replace(pg_temp.demo_pick(c.places, n.named_after, 'place', 1.5),
										   '^[0-9]+ | [A-ZØ]$', '', 'g') AS town) AS d
	)
	SELECT n.number, n.flaw,
		   CASE n.kind WHEN 'person' THEN 'PERSON' WHEN 'b2b' THEN 'B2B' ELSE 'COMPANY' END,
		   n.country_code, n.parent_number, n.earlier_number, n.earlier_company,
		   pg_temp.demo_pick(c.places, n.number, 'place', 1.5),
		   pg_temp.demo_pick(c.first_names, n.number, 'firstname', 1.4),
		   pg_temp.demo_pick(c.last_names, n.number, 'lastname', 1.4),
		   n.company ||
			   CASE WHEN n.is_club THEN ''
					ELSE ' ' || pg_temp.demo_pick(c.company_forms, n.named_after, 'form') END ||
			   CASE WHEN n.parent_number IS NULL THEN ''
					ELSE ' ' || pg_temp.demo_pick(c.departments, n.number, 'department') END,
		   replace(pg_temp.demo_mail_name(n.company), '.', '') || '.example',
		   n.is_club AND n.kind <> 'person'
	FROM company AS n
		JOIN pg_temp.demo_country() AS c ON c.country_code = n.country_code
$$;

CREATE FUNCTION pg_temp.demo_batch(batch_number int, batch_size int)
RETURNS json LANGUAGE sql STABLE AS $body$
	WITH planned AS MATERIALIZED (
		SELECT p.number,
			   /* An upsert has no duplicates: the later one is an update. */
			   CASE WHEN p.flaw = 'duplicate uid' AND (batch_number % 5 = 4 OR p.earlier_number IS NULL)
					THEN 'bad email' ELSE p.flaw END AS flaw,
			   p.customer_type, p.country_code, p.parent_number, p.earlier_number,
			   p.firstname, p.lastname, p.company_name, p.mail_domain, p.is_club,
			   p.customer_type <> 'PERSON' AS is_business,
			   split_part(p.place, ' ', 1) AS postal_code,
			   substr(p.place, position(' ' IN p.place) + 1) AS city,
			   pg_temp.demo_mobile(c.mobile_digits, c.mobile_starts, c.mobile_forms,
								   p.number, 'mobile') AS mobile,
			   pg_temp.demo_pick(c.streets, p.number, 'street', 1.4) || ' ' ||
				   (1 + floor(120 * power(pg_temp.demo_random(p.number, 'house'), 2))::int) ||
				   CASE WHEN pg_temp.demo_random(p.number, 'entrance') < 0.7 THEN ''
						WHEN p.country_code = 'DK'
						THEN pg_temp.demo_pick('{", st. tv", ", 1. th", ", 2. tv", ", 3. mf"}', p.number, 'stair')
						WHEN p.country_code = 'FI'
						THEN pg_temp.demo_pick('{" A 3", " A 12", " B 7", " C 21"}', p.number, 'stair')
						ELSE pg_temp.demo_pick('{A,B,C,D}', p.number, 'stair', 1.5)
				   END AS address,
			   /* Departments have their company's. */
			   CASE p.country_code
				   WHEN 'NO' THEN pg_temp.demo_pick('{9,8}', o.number, 'org', 1.5) ||
					   pg_temp.demo_digits(8, o.number, 'org digits')
				   WHEN 'SE' THEN '55' || pg_temp.demo_digits(8, o.number, 'org digits')
				   ELSE pg_temp.demo_pick('{1,2,3}', o.number, 'org') ||
					   pg_temp.demo_digits(7, o.number, 'org digits')
			   END AS organization_number
		FROM pg_temp.demo_plan(batch_number::bigint * batch_size,
							   (batch_number + 1)::bigint * batch_size - 1) AS p
			JOIN pg_temp.demo_country() AS c ON c.country_code = p.country_code,
			LATERAL (SELECT coalesce(p.parent_number, p.number) AS number) AS o
	), flawed AS MATERIALIZED (
		/*
		 * The fields that a flaw can be in.  A json value can't be built with a
		 * zero character, so another one stands for it at first.
		 */
		SELECT p.*,
			   CASE p.flaw
				   WHEN 'bad uid' THEN 'demo ' || p.number || ' (ny!)'
				   WHEN 'duplicate uid' THEN pg_temp.demo_customer_uid(p.earlier_number)
				   ELSE pg_temp.demo_customer_uid(p.number) END AS customer_uid,
			   CASE p.flaw
				   WHEN 'number for text' THEN to_json(4711)
				   WHEN 'too long' THEN to_json(rpad(n.name || ' ', 300, n.name || ' '))
				   WHEN 'zero character' THEN to_json(n.name || chr(57344))
				   ELSE to_json(n.name) END AS main_name,
			   CASE WHEN p.flaw = 'bad email'
					THEN pg_temp.demo_pick('{ola.nordmann, "kari nordmann@post.example",
											 kari@@post.example, "ola@post.example, kari@post.example"}',
										   p.number, 'bad email')
					WHEN p.is_business AND pg_temp.demo_random(p.number, 'has email') < 0.90
					THEN pg_temp.demo_pick('{post, faktura, firmapost, kontakt, regnskap}', p.number, 'mailbox', 1.4) ||
						'@' || p.mail_domain
					WHEN NOT p.is_business AND pg_temp.demo_random(p.number, 'has email') < 0.82
					THEN CASE WHEN pg_temp.demo_random(p.number, 'mail form') < 0.55
							  THEN pg_temp.demo_mail_name(p.firstname || '.' || p.lastname)
							  WHEN pg_temp.demo_random(p.number, 'mail form') < 0.80
							  THEN pg_temp.demo_mail_name(p.firstname) || pg_temp.demo_digits(2, p.number, 'mail digits')
							  ELSE pg_temp.demo_mail_name(left(p.firstname, 1) || p.lastname) END ||
						pg_temp.demo_pick('{@post.example, @epost.example, @mail.example, @bredband.example,
											@Jobb.Example}', p.number, 'mail domain', 1.5)
			   END AS email,
			   CASE WHEN p.flaw = 'letters in mobile'
					THEN pg_temp.demo_pick('{912 34 S67, ukjent, "priv. 912 34 567"}', p.number, 'bad mobile')
					WHEN pg_temp.demo_random(p.number, 'has mobile') < CASE WHEN p.is_business THEN 0.72 ELSE 0.88 END
					THEN p.mobile END AS given_mobile,
			   CASE WHEN p.flaw = 'bad postal code'
					THEN pg_temp.demo_pick('{12, Oslo, 0I55, 123456789}', p.number, 'bad postal code')
					WHEN p.country_code = 'SE' AND pg_temp.demo_random(p.number, 'postal space') < 0.6
					THEN overlay(p.postal_code PLACING ' ' FROM 4 FOR 0)
					ELSE p.postal_code END AS given_postal_code,
			   pg_temp.demo_random(p.number, 'has address') <
				   CASE WHEN p.is_business THEN 0.95 ELSE 0.70 END AS has_address
		FROM planned AS p,
			LATERAL (SELECT CASE WHEN p.is_business THEN p.company_name ELSE p.firstname END AS name) AS n
	), item AS (
		SELECT f.number,
			   replace(json_strip_nulls(json_build_object(
				   'customerUid', f.customer_uid,
				   'customerParentUid',
					   CASE WHEN f.flaw = 'unknown parent' THEN 'demo-finnes-ikke'
							ELSE pg_temp.demo_customer_uid(f.parent_number) END,
				   'customerType',
					   CASE WHEN f.flaw = 'unknown type' THEN 'PRIVATKUNDE' ELSE f.customer_type END,
				   'firstname',
					   CASE f.customer_type WHEN 'PERSON' THEN f.main_name WHEN 'B2B' THEN to_json(f.firstname) END,
				   'lastname',
					   CASE WHEN f.customer_type <> 'COMPANY' AND pg_temp.demo_random(f.number, 'has lastname') < 0.97
							THEN f.lastname END,
				   'companyName', CASE WHEN f.is_business THEN f.main_name END,
				   'email', f.email,
				   'mobile', f.given_mobile,
				   'address', CASE WHEN f.has_address THEN f.address END,
				   'postalCode', CASE WHEN f.has_address OR f.flaw = 'bad postal code' THEN f.given_postal_code END,
				   'city', CASE WHEN f.has_address THEN f.city END,
				   'countryCode',
					   CASE WHEN f.flaw = 'unknown country' THEN 'XX'
							WHEN f.country_code <> 'NO' OR pg_temp.demo_random(f.number, 'has country') < 0.85
							THEN f.country_code END,
				   'vatNumber',
					   CASE WHEN f.is_business AND pg_temp.demo_random(f.number, 'has vat') < 0.92
							THEN CASE f.country_code
									 WHEN 'NO' THEN
										 CASE WHEN pg_temp.demo_random(f.number, 'vat form') < 0.55
											  THEN to_char(f.organization_number::int, 'FM"NO "000 000 000" MVA"')
											  WHEN pg_temp.demo_random(f.number, 'vat form') < 0.80
											  THEN 'NO' || f.organization_number || 'MVA'
											  ELSE f.organization_number END
									 WHEN 'SE' THEN 'SE' || f.organization_number || '01'
									 ELSE f.country_code || f.organization_number END
					   END,
				   'externalId',
					   CASE WHEN pg_temp.demo_random(f.number, 'has external id') <
								CASE WHEN f.is_business THEN 0.70 ELSE 0.35 END
							THEN 'K' || (100000 + f.number) END,
				   'loyaltyId',
					   CASE WHEN NOT f.is_business AND pg_temp.demo_random(f.number, 'has loyalty id') < 0.55
							THEN to_char(7000000000 + f.number * 17, 'FM0000000000') END,
				   'ledgerNumber',
					   CASE WHEN f.is_business AND pg_temp.demo_random(f.number, 'has ledger') < 0.80
							THEN '15' || pg_temp.demo_number(f.number) END,
				   'pricelistUid',
					   CASE WHEN f.is_club THEN 'pricelist-club'
							WHEN f.is_business AND pg_temp.demo_random(f.number, 'has pricelist') < 0.30
							THEN pg_temp.demo_pick('{pricelist-business, pricelist-contract}', f.number, 'pricelist', 1.5)
					   END,
				   'origin',
					   CASE WHEN pg_temp.demo_random(f.number, 'has origin') < 0.80
							THEN pg_temp.demo_pick('{POS, WEBSHOP, APP, IMPORT, CUSTOMER_SERVICE}', f.number, 'origin', 1.6)
					   END,
				   'internalNote',
					   CASE WHEN pg_temp.demo_random(f.number, 'has note') <
								CASE WHEN f.is_business THEN 0.15 ELSE 0.03 END
							THEN pg_temp.demo_pick(ARRAY[
								'Ring før levering.', 'Ønsker faktura på papir.', 'Fast kunde siden 1998.',
								'Avtale om 10 % rabatt på langrennsutstyr.', 'Bruker str. 44 i skistøvler.',
								'Leveres ved bakdøra, spør etter «Kåre».', 'Bestiller drakter hver høst.',
								E'Kontakt:\n– sport: Liv\n– regnskap: Odd', 'Vil ikke ha SMS etter kl. 20.'],
								f.number, 'note') END,
				   'paymentTerms',
					   CASE WHEN f.is_business AND pg_temp.demo_random(f.number, 'has terms') < 0.75
							THEN pg_temp.demo_pick('{14, 30, 20, 10, 45, 60}', f.number, 'terms', 1.6)::int END,
				   'credit',
					   CASE WHEN f.flaw = 'text for number' THEN json_build_object('limit', 'ti tusen')
							WHEN f.is_business AND pg_temp.demo_random(f.number, 'has credit') < 0.65
							THEN json_build_object('limit',
								pg_temp.demo_pick('{2500000, 5000000, 1000000, 10000000, 25000000, 50000000}',
												  f.number, 'credit', 1.4)::int) END,
				   'ehf',
					   CASE WHEN f.is_business AND f.country_code = 'NO' AND
								pg_temp.demo_random(f.number, 'has ehf') < 0.60
							THEN json_build_object('enabled', true, 'address', '0192:' || f.organization_number)
							WHEN f.is_business AND pg_temp.demo_random(f.number, 'has ehf') < 0.70
							THEN json_build_object('enabled', false) END,
				   'accountManager',
					   CASE WHEN f.is_business AND pg_temp.demo_random(f.number, 'has manager') < 0.40
							THEN json_build_object('tenantUserUid',
								pg_temp.demo_pick('{user-ingrid, user-oyvind, user-asa, user-mads}', f.number, 'manager', 1.3))
					   END,
				   'defaultStoreUid',
					   CASE WHEN pg_temp.demo_random(f.number, 'has store') < 0.65
							THEN pg_temp.demo_pick('{store-oslo, store-webshop, store-bergen, store-trondheim,
													 store-stavanger, store-tromso, store-drammen, store-stockholm}',
												   f.number, 'store', 1.3) END,
				   'customerGroupUids',
					   CASE WHEN f.flaw = 'unknown group' THEN '["group-member","group-finnes-ikke"]'::json
							WHEN f.is_club THEN '["group-club"]'::json
							WHEN f.is_business AND pg_temp.demo_random(f.number, 'groups') < 0.45
							THEN '["group-business"]'::json
							WHEN f.is_business AND pg_temp.demo_random(f.number, 'groups') < 0.50
							THEN '["group-business","group-vip"]'::json
							WHEN f.is_business THEN NULL
							WHEN pg_temp.demo_random(f.number, 'groups') < 0.30 THEN '["group-member"]'::json
							WHEN pg_temp.demo_random(f.number, 'groups') < 0.36 THEN '["group-member","group-student"]'::json
							WHEN pg_temp.demo_random(f.number, 'groups') < 0.38 THEN '["group-member","group-vip"]'::json
							WHEN pg_temp.demo_random(f.number, 'groups') < 0.39 THEN '["group-staff"]'::json
					   END,
				   'consents',
					   (SELECT json_agg(json_build_object(
								   'consentUid', consent,
								   'status', pg_temp.demo_random(f.number, 'status of ' || consent) < 0.8,
								   'source', pg_temp.demo_pick('{POS, WEBSHOP, APP}', f.number, 'consent source', 1.3))
							   ORDER BY consent)
						FROM (VALUES ('consent-email', 0.6), ('consent-profiling', 0.15), ('consent-sms', 0.4))
							AS v (consent, share)
						WHERE NOT f.is_business AND pg_temp.demo_random(f.number, 'gives ' || consent) < share)
			   ))::text, chr(57344), '\u0000')::json AS body
		FROM flawed AS f
	)
	SELECT json_build_object(CASE batch_number % 5 WHEN 4 THEN 'upsert' ELSE 'create' END,
							 json_agg(i.body ORDER BY i.number))
	FROM item AS i
$body$;

CREATE FUNCTION pg_temp.demo_contacts(batch_number int, batch_size int)
RETURNS SETOF json LANGUAGE sql STABLE AS $body$
	WITH planned AS MATERIALIZED (
		/* 1.2 contacts for each company; 8 % have another company too */
		SELECT p.number, k,
			   pg_temp.demo_pick(c.first_names, p.number, 'contact firstname ' || k, 1.4) AS firstname,
			   pg_temp.demo_pick(c.last_names, p.number, 'contact lastname ' || k, 1.4) AS lastname,
			   p.mail_domain,
			   pg_temp.demo_mobile(c.mobile_digits, c.mobile_starts, c.mobile_forms,
								   p.number, 'contact mobile ' || k) AS mobile,
			   CASE WHEN pg_temp.demo_random(p.number, 'two companies ' || k) < 0.08
					THEN coalesce(p.parent_number, p.earlier_company) END AS other_company
		FROM pg_temp.demo_plan(batch_number::bigint * batch_size,
							   (batch_number + 1)::bigint * batch_size - 1) AS p
			JOIN pg_temp.demo_country() AS c ON c.country_code = p.country_code,
			LATERAL (SELECT pg_temp.demo_random(p.number, 'contacts') AS r) AS d,
			generate_series(1, CASE WHEN d.r < 0.15 THEN 0 WHEN d.r < 0.70 THEN 1
									WHEN d.r < 0.95 THEN 2 ELSE 3 END) AS k
		WHERE p.customer_type = 'COMPANY' AND p.flaw IS NULL
	)
	SELECT json_strip_nulls(json_build_object(
		'customerContactUid', 'contact-' || pg_temp.demo_number(p.number) || '-' || p.k,
		'firstname', p.firstname,
		'lastname', p.lastname,
		'email', CASE WHEN pg_temp.demo_random(p.number, 'contact has email ' || p.k) < 0.85
					  THEN pg_temp.demo_mail_name(p.firstname || '.' || p.lastname) || '@' || p.mail_domain END,
		'mobile', CASE WHEN pg_temp.demo_random(p.number, 'contact has mobile ' || p.k) < 0.75
					   THEN p.mobile END,
		'customers',
			(SELECT json_agg(json_build_object('customerUid', pg_temp.demo_customer_uid(v.company), 'role', v.role)
							 ORDER BY v.place)
			 FROM (VALUES
					(1, p.number,
					 CASE p.k WHEN 1 THEN pg_temp.demo_pick('{ADMIN, PURCHASER, NONE}', p.number, 'role', 1.8)
							  ELSE pg_temp.demo_pick('{PURCHASER, ACCOUNTING, NONE}', p.number, 'role ' || p.k, 1.2) END),
					(2, p.other_company,
					 pg_temp.demo_pick('{NONE, PURCHASER, ACCOUNTING}', p.number, 'other role ' || p.k, 1.2)))
				 AS v (place, company, role)
			 WHERE v.company IS NOT NULL)
	))
	FROM planned AS p
	ORDER BY p.number, p.k
$body$;

CREATE FUNCTION pg_temp.demo_reference()
RETURNS TABLE (function_name text, body json)
LANGUAGE sql IMMUTABLE AS $$
VALUES
	('organization_put', '{"organizationUid":"org-norge","name":"Nordlys Sport AS"}'::json),
	('organization_put', '{"organizationUid":"org-sverige","name":"Nordlys Sport Sverige AB"}'),
	('store_put', '{"storeUid":"store-oslo","name":"Nordlys Sport Oslo","organizationUid":"org-norge","maxSingleOrderValue":10000000}'),
	('store_put', '{"storeUid":"store-bergen","name":"Nordlys Sport Bergen","organizationUid":"org-norge","maxSingleOrderValue":5000000}'),
	('store_put', '{"storeUid":"store-trondheim","name":"Nordlys Sport Trondheim","organizationUid":"org-norge","maxSingleOrderValue":5000000}'),
	('store_put', '{"storeUid":"store-stavanger","name":"Nordlys Sport Stavanger","organizationUid":"org-norge","maxSingleOrderValue":5000000}'),
	('store_put', '{"storeUid":"store-tromso","name":"Nordlys Sport Tromsø","organizationUid":"org-norge","maxSingleOrderValue":2500000}'),
	('store_put', '{"storeUid":"store-drammen","name":"Nordlys Sport Drammen","organizationUid":"org-norge","maxSingleOrderValue":2500000}'),
	('store_put', '{"storeUid":"store-stockholm","name":"Nordlys Sport Stockholm","organizationUid":"org-sverige","maxSingleOrderValue":5000000}'),
	('store_put', '{"storeUid":"store-webshop","name":"Nordlys Sport Nettbutikk","organizationUid":"org-norge","maxSingleOrderValue":20000000}'),
	('tenant_user_put', '{"tenantUserUid":"user-ingrid","displayName":"Ingrid Solheim","userCode":"101","locale":"nb","defaultStoreUid":"store-oslo"}'),
	('tenant_user_put', '{"tenantUserUid":"user-oyvind","displayName":"Øyvind Brekke","userCode":"102","locale":"nb","defaultStoreUid":"store-bergen"}'),
	('tenant_user_put', '{"tenantUserUid":"user-asa","displayName":"Åsa Lindström","userCode":"201","locale":"sv","defaultStoreUid":"store-stockholm"}'),
	('tenant_user_put', '{"tenantUserUid":"user-mads","displayName":"Mads Kjær","userCode":"103","locale":"da","defaultStoreUid":"store-webshop"}'),
	('tenant_user_put', '{"tenantUserUid":"user-aino","displayName":"Aino Mäkelä","userCode":"104","locale":"en","defaultStoreUid":"store-tromso"}'),
	('tenant_user_put', '{"tenantUserUid":"user-per","displayName":"Per Sæther","userCode":"105","locale":"nb","defaultStoreUid":"store-trondheim"}'),
	('consent_put', '{"consentUid":"consent-email","name":"Nyhetsbrev på e-post"}'),
	('consent_put', '{"consentUid":"consent-sms","name":"Tilbud på SMS"}'),
	('consent_put', '{"consentUid":"consent-profiling","name":"Personlig tilpassede anbefalinger"}'),
	('printer_put', '{"printerUid":"printer-oslo-label","name":"Etikettskriver, lager Oslo","kind":"LABEL","storeUid":"store-oslo"}'),
	('printer_put', '{"printerUid":"printer-bergen-receipt","name":"Kvitteringsskriver, kasse 1 Bergen","kind":"RECEIPT","storeUid":"store-bergen"}'),
	('customer_group_create', '{"customerGroupUid":"group-member","name":"Nordlys Kundeklubb"}'),
	('customer_group_create', '{"customerGroupUid":"group-business","name":"Bedriftskunder"}'),
	('customer_group_create', '{"customerGroupUid":"group-club","name":"Idrettslag og foreninger"}'),
	('customer_group_create', '{"customerGroupUid":"group-student","name":"Studenter"}'),
	('customer_group_create', '{"customerGroupUid":"group-staff","name":"Ansatte"}'),
	('customer_group_create', '{"customerGroupUid":"group-vip","name":"VIP"}')
$$;
